import { Exclude, Expose, Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { IsIdentifier } from './identifier.js';
import { IsAmount } from './amount.js';
import { AmountText, IdentifierText } from './event-field.decorators.js';
import { TRANSFER_OUTCOMES, type TransferOutcome } from './transfer.js';

/** What bank2 did with a transfer. It carries the contents, because the sender acts only when they match its own row. */
@Exclude()
export class TransferResultEvent {
  @IdentifierText()
  @IsIdentifier()
  readonly txNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly accountNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly toAccountNo!: string;

  @AmountText()
  @IsAmount()
  readonly amount!: string;

  @Expose()
  @IsIn(TRANSFER_OUTCOMES)
  readonly outcome!: TransferOutcome;

  /** Why it was refused; absent or null when it was credited. */
  @Expose()
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly reason?: string | null;
}

/** The body of a message on the result topic; its key is the txNo. */
@Exclude()
export class TransferResultMessage {
  @Expose()
  @IsObject()
  @ValidateNested()
  @Type(() => TransferResultEvent)
  readonly transferResult!: TransferResultEvent;
}
