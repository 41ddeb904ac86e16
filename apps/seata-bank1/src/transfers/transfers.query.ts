import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { Matches, ValidateIf } from 'class-validator';

const PAGE_SIZE_DEFAULT = '20';

/** The query of `GET /bank1/transfers`. */
export class TransfersQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: Number(PAGE_SIZE_DEFAULT) })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = PAGE_SIZE_DEFAULT;

  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf((query: TransfersQuery) => query.after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
