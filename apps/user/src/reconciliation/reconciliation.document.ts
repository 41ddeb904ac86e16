import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { AdminAction, type ReconciliationReport } from '@txmsg/service';
import { ValidateIf } from 'class-validator';

/** The body of `POST /user/admin/reconciliation`. */
export class ReconciliationRequest extends AdminAction {
  @ApiPropertyOptional({
    description: 'Only this request for a custody account, whether it is due or not.',
    pattern: IDENTIFIER_PATTERN.source,
  })
  @ValidateIf((request: ReconciliationRequest) => request.requestNo !== undefined)
  @IsIdentifier()
  readonly requestNo?: string;
}

export class ReconciliationDocument implements ReconciliationReport {
  @ApiProperty({ description: 'Requests about which custody was asked.' })
  readonly checked!: number;

  @ApiProperty({ description: 'Ended by what custody says.' })
  readonly settled!: number;

  @ApiProperty({ description: 'Unknown at custody, so the request was sent again.' })
  readonly republished!: number;

  @ApiProperty({ description: 'Not decided yet, or no answer that may be acted on; retried after a pause.' })
  readonly postponed!: number;
}
