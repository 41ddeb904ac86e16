import { Exclude, Expose, Type } from 'class-transformer';
import { IsObject, ValidateIf, ValidateNested } from 'class-validator';
import { IsIdentifier } from './identifier.js';
import { IsAmount } from './amount.js';
import { AmountText, IdentifierText } from './event-field.decorators.js';

/**
 * One transfer: `amount` leaves `accountNo` at bank1 and is to arrive at `toAccountNo` at bank2.
 *
 * Unknown fields are dropped. Services in other languages may write any field as a number; all are text here.
 */
@Exclude()
export class AccountChangeEvent {
  @IdentifierText()
  @IsIdentifier()
  readonly txNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly accountNo!: string;

  /** Classic senders leave it out: the receiver then fills in its configured default payee. Null or empty is an error. */
  @IdentifierText()
  @ValidateIf((event: AccountChangeEvent) => event.toAccountNo !== undefined)
  @IsIdentifier()
  readonly toAccountNo?: string;

  /** In its normal form, `"100.00"`. */
  @AmountText()
  @IsAmount()
  readonly amount!: string;
}

/** The body of a message on the transfer topic; its key is the txNo. */
@Exclude()
export class AccountChangeMessage {
  @Expose()
  @IsObject()
  @ValidateNested()
  @Type(() => AccountChangeEvent)
  readonly accountChange!: AccountChangeEvent;
}
