import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HTTP_AMOUNT_RULE, IDENTIFIER_PATTERN, IsHttpAmount, IsIdentifier } from '@txmsg/contracts';
import { ValidateIf } from 'class-validator';

const pattern = IDENTIFIER_PATTERN.source;

/** The body of `POST /pay/topups`. */
export class TopUpRequest {
  @ApiProperty({ description: 'The account that the money is for, at the bank.', example: '1', pattern })
  @IsIdentifier()
  readonly accountNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '100.00' })
  @IsHttpAmount()
  readonly amount!: string;
}

/** The query of the classic call; none of it may be empty or repeated. */
export class PaydoQuery {
  @ApiProperty({ description: 'The account that the money is for, at the bank.', example: '1', pattern })
  @IsIdentifier()
  readonly accountNo!: string;

  @ApiProperty({ description: HTTP_AMOUNT_RULE, example: '100' })
  @IsHttpAmount()
  readonly payAmount!: string;

  @ApiPropertyOptional({
    description: 'Your number for this payment; with it, the call may be repeated.',
    pattern,
  })
  @ValidateIf((query: PaydoQuery) => query.txNo !== undefined)
  @IsIdentifier()
  readonly txNo?: string;
}
