import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { AdminAction, type ReconciliationReport } from '@txmsg/service';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { ValidateIf } from 'class-validator';

/** The body of `POST /order/admin/reconciliation`. */
export class ReconciliationRequest extends AdminAction {
  @ApiPropertyOptional({
    description: 'Only the order of this txNo, whether it is due or not.',
    pattern: IDENTIFIER_PATTERN.source,
  })
  @ValidateIf((request: ReconciliationRequest) => request.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}

export class ReconciliationDocument implements ReconciliationReport {
  @ApiProperty({ description: 'Orders that were looked up at stock.' })
  readonly checked!: number;

  @ApiProperty({ description: 'Ended by what stock says.' })
  readonly settled!: number;

  @ApiProperty({ description: 'Unknown at stock, so the order or its cancellation was sent again.' })
  readonly republished!: number;

  @ApiProperty({ description: 'No answer that may be acted on; retried after a pause.' })
  readonly postponed!: number;
}
