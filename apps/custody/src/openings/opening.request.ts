import { ApiProperty } from '@nestjs/swagger';
import {
  IDENTIFIER_PATTERN,
  IsIdentifier,
  IsUserName,
  normalizeUserName,
  USER_NAME_RULE,
  type CustodyRequestContents,
} from '@txmsg/contracts';
import { Transform } from 'class-transformer';

/** The body of `POST /custody/accounts`. */
export class OpeningRequest implements CustodyRequestContents {
  @ApiProperty({
    description: 'Your number for this request; with it the call may be repeated.',
    pattern: IDENTIFIER_PATTERN.source,
  })
  @IsIdentifier()
  readonly requestNo!: string;

  @ApiProperty({ description: 'Whose account it is to be.', pattern: IDENTIFIER_PATTERN.source })
  @IsIdentifier()
  readonly userId!: string;

  @ApiProperty({ description: USER_NAME_RULE, example: '张三', minLength: 1, maxLength: 100 })
  @Transform(({ value }) => normalizeUserName(value))
  @IsUserName()
  readonly name!: string;
}
