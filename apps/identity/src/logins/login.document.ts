import { ApiProperty } from '@nestjs/swagger';
import { IsUserName, normalizeUserName, USER_NAME_RULE } from '@txmsg/contracts';
import { SECRET_FIELD } from '@txmsg/service';
import { Transform } from 'class-transformer';
import { IsString, MaxLength } from 'class-validator';

/** The body of `POST /identity/logins`. What could not have been registered is wrong, and no bad input. */
export class LoginRequest {
  @ApiProperty({ description: USER_NAME_RULE, example: '张三', minLength: 1, maxLength: 100 })
  @Transform(({ value }) => normalizeUserName(value))
  @IsUserName()
  readonly name!: string;

  @ApiProperty({ writeOnly: true, maxLength: 1024 })
  @IsString({ message: 'must be a string', context: SECRET_FIELD })
  @MaxLength(1024, { message: 'must have at most 1024 characters', context: SECRET_FIELD })
  readonly password!: string;
}

/** Name and password belong to an account that can be used. */
export class LoginReceipt {
  @ApiProperty({ example: '张三' })
  readonly name!: string;

  @ApiProperty({ description: 'The user, at the user centre.' })
  readonly userId!: string;
}
