import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { ValidateIf } from 'class-validator';

/** The query of `GET /bank2/admin/books`. */
export class BooksQuery {
  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf((query: BooksQuery) => query.after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
