import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsUserName, normalizeUserName, USER_NAME_RULE } from '@txmsg/contracts';

/** The body of `POST /user/register`. */
export class RegistrationRequest {
  @ApiProperty({ description: USER_NAME_RULE, example: '张三', minLength: 1, maxLength: 100 })
  @Transform(({ value }) => normalizeUserName(value))
  @IsUserName()
  readonly name!: string;
}
