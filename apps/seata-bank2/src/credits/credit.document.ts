import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  HTTP_AMOUNT_RULE,
  IDENTIFIER_PATTERN,
  IsHttpAmount,
  IsIdentifier,
  TWO_PHASE_PATTERNS,
  type TwoPhasePattern,
} from '@txmsg/contracts';
import { CREDIT_STATES, type CreditState } from './credit.js';

const pattern = IDENTIFIER_PATTERN.source;

/** The body of `POST /bank2/{at,tcc}/credits`. */
export class CreditRequest {
  @ApiProperty({ description: "The transfer's number.", pattern })
  @IsIdentifier()
  readonly txNo!: string;

  @ApiProperty({ description: 'The payee, at this bank.', example: '2', pattern })
  @IsIdentifier()
  readonly accountNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '100.00' })
  @IsHttpAmount()
  readonly amount!: string;
}

/** Phase one at this bank has succeeded; the global transaction decides what becomes of it. */
export class CreditReceipt {
  @ApiProperty({ description: "Seata's global transaction, of which this credit is a branch." })
  readonly xid!: string;

  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty()
  readonly accountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({ enum: ['OPEN'] })
  readonly state!: 'OPEN';
}

/** Where a credit stands at this bank; one that was rolled back has no row. */
export class CreditDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({ enum: CREDIT_STATES, description: 'OPEN: phase two has not run here yet.' })
  readonly state!: CreditState;

  @ApiProperty()
  readonly accountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({ description: "Seata's global transaction." })
  readonly xid!: string;

  @ApiProperty()
  readonly createTime!: Date;
}

export class CreditPage {
  @ApiProperty({ type: [CreditDocument], description: 'In the order of their txNo.' })
  readonly items!: CreditDocument[];

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Pass it as `after`; null on the last page.',
  })
  readonly next!: string | null;
}
