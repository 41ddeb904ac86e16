import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { Matches, ValidateIf } from 'class-validator';

/** The query of a list that is told page by page, ordered by an identifier. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = '20';

  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf(({ after }: PageQuery) => after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
