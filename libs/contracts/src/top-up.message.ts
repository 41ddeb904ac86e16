import { Exclude, Expose } from 'class-transformer';
import { IsIn } from 'class-validator';
import { IsAmount } from './amount.js';
import { AmountText, IdentifierText } from './event-field.decorators.js';
import { IsIdentifier } from './identifier.js';
import { TOP_UP_RESULTS, type TopUpResult } from './top-up.js';

/**
 * What became of a payment, flat as the classic service writes it; the key is the txNo. Only an end is told: nothing is
 * sent about a payment that is in progress. Unknown fields are dropped. Services in other languages may write all but
 * the result as a number; all are text here.
 */
@Exclude()
export class TopUpResultMessage {
  /** The txNo of the payment. */
  @IdentifierText()
  @IsIdentifier()
  readonly id!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly accountNo!: string;

  /** In its normal form, `"100.00"`. */
  @AmountText()
  @IsAmount()
  readonly payAmount!: string;

  @Expose()
  @IsIn(TOP_UP_RESULTS)
  readonly result!: TopUpResult;
}
