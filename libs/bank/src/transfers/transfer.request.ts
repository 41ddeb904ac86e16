import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  DEFAULT_PAYEE_ACCOUNT_NO,
  DEFAULT_PAYER_ACCOUNT_NO,
  HTTP_AMOUNT_RULE,
  IDENTIFIER_PATTERN,
  IsHttpAmount,
  IsIdentifier,
} from '@txmsg/contracts';
import { ValidateIf } from 'class-validator';

const pattern = IDENTIFIER_PATTERN.source;

/** The body of `POST /bank1/transfers`, and of `POST /bank1/{at,tcc}/transfers`. */
export class TransferRequest {
  @ApiProperty({ description: 'The payer, at this bank.', example: '1', pattern })
  @IsIdentifier()
  readonly accountNo!: string;

  @ApiProperty({ description: 'The payee, at bank2.', example: '2', pattern })
  @IsIdentifier()
  readonly toAccountNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '100.00' })
  @IsHttpAmount()
  readonly amount!: string;

  @ApiPropertyOptional({
    description: 'Your number for this transfer; with it, any call may be repeated.',
    pattern,
  })
  @ValidateIf((request: TransferRequest) => request.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}

/** The query of the classic calls: every parameter may be left out, none may be empty or repeated. */
export class ClassicTransferQuery {
  @ApiPropertyOptional({ description: HTTP_AMOUNT_RULE, default: '100' })
  @IsHttpAmount()
  readonly amount: string = '100';

  @ApiPropertyOptional({ default: DEFAULT_PAYER_ACCOUNT_NO, pattern })
  @IsIdentifier()
  readonly accountNo: string = DEFAULT_PAYER_ACCOUNT_NO;

  @ApiPropertyOptional({ default: DEFAULT_PAYEE_ACCOUNT_NO, pattern })
  @IsIdentifier()
  readonly toAccountNo: string = DEFAULT_PAYEE_ACCOUNT_NO;

  @ApiPropertyOptional({
    description: 'Your number for this transfer; a repeated one transfers nothing.',
    pattern,
  })
  @ValidateIf((query: ClassicTransferQuery) => query.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}
