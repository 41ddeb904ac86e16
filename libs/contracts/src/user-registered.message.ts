import { Exclude } from 'class-transformer';
import { IdentifierText } from './event-field.decorators.js';
import { IsIdentifier } from './identifier.js';

/**
 * The body of a message on the topic of registrations; its key is the txNo. Unknown fields are dropped. Who a user is
 * called concerns no receiver so far, and so is not told.
 */
@Exclude()
export class UserRegisteredMessage {
  /** Names the registration. */
  @IdentifierText()
  @IsIdentifier()
  readonly txNo!: string;

  @IdentifierText()
  @IsIdentifier()
  readonly userId!: string;
}
