import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AdminAction, type ReconciliationReport } from '@txmsg/service';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { ValidateIf } from 'class-validator';

/** The body of `POST /bank1/admin/reconciliation`. */
export class ReconciliationRequest extends AdminAction {
  @ApiPropertyOptional({
    description: 'Only this transfer, whether it is due or not.',
    pattern: IDENTIFIER_PATTERN.source,
  })
  @ValidateIf((request: ReconciliationRequest) => request.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}

export class ReconciliationDocument implements ReconciliationReport {
  @ApiProperty({ description: 'Transfers that were looked up at bank2.' })
  readonly checked!: number;

  @ApiProperty({ description: 'Ended by what bank2 says.' })
  readonly settled!: number;

  @ApiProperty({ description: 'Unknown at bank2, so their message was sent again.' })
  readonly republished!: number;

  @ApiProperty({ description: 'No answer that may be acted on; retried after a pause.' })
  readonly postponed!: number;
}
