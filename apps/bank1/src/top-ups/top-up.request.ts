import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HTTP_AMOUNT_RULE, IDENTIFIER_PATTERN, IsHttpAmount, IsIdentifier } from '@txmsg/contracts';
import { AdminAction, type ReconciliationReport } from '@txmsg/service';
import { ValidateIf } from 'class-validator';

const pattern = IDENTIFIER_PATTERN.source;

/** The body of `POST /bank1/topups`. */
export class ExpectedTopUp {
  @ApiProperty({ description: 'The txNo under which it is paid at pay.', pattern })
  @IsIdentifier()
  readonly txNo!: string;

  @ApiProperty({ description: 'At this bank.', example: '1', pattern })
  @IsIdentifier()
  readonly accountNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '100.00' })
  @IsHttpAmount()
  readonly amount!: string;
}

/** The body of `POST /bank1/admin/top-ups/reconciliation`. */
export class TopUpReconciliationRequest extends AdminAction {
  @ApiPropertyOptional({ description: 'Only this one, due or not, also one that was given up.', pattern })
  @ValidateIf((request: TopUpReconciliationRequest) => request.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}

export class TopUpReconciliationDocument implements ReconciliationReport {
  @ApiProperty({ description: 'Top-ups that pay was asked about.' })
  readonly checked!: number;

  @ApiProperty({ description: 'Ended by what pay says.' })
  readonly settled!: number;

  @ApiProperty({ description: 'Always 0: nothing is sent to pay.' })
  readonly republished!: number;

  @ApiProperty({ description: 'No answer that decides anything.' })
  readonly postponed!: number;
}
