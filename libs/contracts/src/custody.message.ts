import { Exclude, Expose } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { CUSTODY_RESULTS, type CustodyResult } from './custody.js';
import { IdentifierText } from './event-field.decorators.js';
import { IsIdentifier } from './identifier.js';

/**
 * What custody decided about a request: the body of a message on its topic, whose key is the requestNo, and the `data` of the
 * webhook `custody.result`. Unknown fields are dropped.
 */
@Exclude()
export class CustodyResultMessage {
  @IdentifierText()
  @IsIdentifier()
  readonly requestNo!: string;

  @Expose()
  @IsIn(CUSTODY_RESULTS)
  readonly status!: CustodyResult;

  /** Of the account that was opened; absent or null when none was. */
  @IdentifierText()
  @ValidateIf(({ status, custodyAccountNo: no }: CustodyResultMessage) => status === 'OPENED' || no != null)
  @IsIdentifier()
  readonly custodyAccountNo?: string | null;

  /** Why it was refused; absent or null when it was not. */
  @Expose()
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly reason?: string | null;
}
