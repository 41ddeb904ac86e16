import { Exclude, Expose } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { CountAsWritten, IdentifierText } from './event-field.decorators.js';
import { IsIdentifier } from './identifier.js';
import { IsPayCount, type OrderContents } from './order.js';

/**
 * An order, flat as the classic services write it: the body on the order topic, of a cancellation, and of what stock has
 * deducted; the key is the txNo. Unknown fields are dropped. Classic services write identifiers as numbers too, of up to
 * 19 digits; all are text here.
 */
@Exclude()
export class OrderMessage implements OrderContents {
  @IdentifierText()
  @IsIdentifier()
  readonly txNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly orderNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly productId!: string;

  @CountAsWritten()
  @IsPayCount()
  readonly payCount!: number;
}

/** The compensation message: the order that is refused for good, and why. */
@Exclude()
export class OrderRollbackMessage extends OrderMessage {
  /** Classic services give none. */
  @Expose()
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly reason?: string | null;
}
