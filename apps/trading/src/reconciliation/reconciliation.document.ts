import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsProjectId, PROJECT_ID_PATTERN } from '@txmsg/contracts';
import { AdminAction, type ReconciliationReport } from '@txmsg/service';
import { ValidateIf } from 'class-validator';

/** The body of `POST /trading/admin/reconciliation`. */
export class ReconciliationRequest extends AdminAction {
  @ApiPropertyOptional({
    description: 'Only this project, whether it is due or not.',
    pattern: PROJECT_ID_PATTERN.source,
  })
  @ValidateIf((request: ReconciliationRequest) => request.projectId !== undefined)
  @IsProjectId()
  readonly projectId?: string;
}

export class ReconciliationDocument implements ReconciliationReport {
  @ApiProperty({ description: 'Approved projects that were looked up at repayment.' })
  readonly checked!: number;

  @ApiProperty({ description: 'Repayment knows them.' })
  readonly settled!: number;

  @ApiProperty({ description: 'Unknown at repayment, so their event was sent again.' })
  readonly republished!: number;

  @ApiProperty({ description: 'No answer that may be acted on; retried after a pause.' })
  readonly postponed!: number;
}
