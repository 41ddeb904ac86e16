import { Exclude, Expose } from 'class-transformer';
import { IsInt, Min } from 'class-validator';
import { IsAmount } from './amount.js';
import { AmountText, CountAsWritten, IdentifierText } from './event-field.decorators.js';
import { IsIdentifier } from './identifier.js';
import { IsProjectId, IsRate, IsTerms, type ReviewContents } from './review.js';

/**
 * A project that was approved; the key is the txNo. It names no bids: a project may have more than a message holds, so
 * repayment reads them from trading, page by page. Unknown fields are dropped.
 */
@Exclude()
export class ReviewMessage implements ReviewContents {
  @IdentifierText()
  @IsIdentifier()
  readonly txNo!: string;

  @IdentifierText()
  @IsProjectId()
  readonly projectId!: string;

  @AmountText()
  @IsAmount()
  readonly amount!: string;

  @CountAsWritten()
  @IsInt()
  @Min(1)
  readonly bidCount!: number;

  @CountAsWritten()
  @IsTerms()
  readonly terms!: number;

  @Expose()
  @IsRate()
  readonly annualRate!: string;
}
