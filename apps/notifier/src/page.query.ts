import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '@txmsg/contracts';
import { Matches, ValidateIf } from 'class-validator';

/** The query of a list, page by page. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = '20';

  @ApiPropertyOptional({ description: 'The `next` of the page before.' })
  @ValidateIf(({ after }: PageQuery) => after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
