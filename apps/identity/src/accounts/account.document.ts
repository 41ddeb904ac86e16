import { ApiProperty } from '@nestjs/swagger';
import {
  IDENTIFIER_PATTERN,
  IsIdentifier,
  IsPassword,
  IsUserName,
  normalizeUserName,
  PASSWORD_RULE,
  USER_NAME_RULE,
  TWO_PHASE_PATTERNS,
  type TwoPhasePattern,
} from '@txmsg/contracts';
import { SECRET_FIELD } from '@txmsg/service';
import { Transform } from 'class-transformer';
import { ACCOUNT_STATES, type AccountState } from './account.js';

const pattern = IDENTIFIER_PATTERN.source;

/** The body of `POST /identity/{at,tcc}/accounts`. */
export class AccountRequest {
  @ApiProperty({ description: "The registration's number.", pattern })
  @IsIdentifier()
  readonly txNo!: string;

  @ApiProperty({ description: 'The user, at the user centre.', pattern })
  @IsIdentifier()
  readonly userId!: string;

  @ApiProperty({ description: USER_NAME_RULE, example: '张三', minLength: 1, maxLength: 100 })
  @Transform(({ value }) => normalizeUserName(value))
  @IsUserName()
  readonly name!: string;

  @ApiProperty({ description: PASSWORD_RULE, writeOnly: true, minLength: 8, maxLength: 128 })
  @IsPassword({ context: SECRET_FIELD })
  readonly password!: string;
}

/** Phase one at this service has succeeded; the global transaction decides what becomes of it. */
export class AccountReceipt {
  @ApiProperty({ description: "Seata's global transaction, of which this account is a branch." })
  readonly xid!: string;

  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty()
  readonly userId!: string;

  @ApiProperty({ example: '张三' })
  readonly name!: string;

  @ApiProperty({ enum: ['PENDING'] })
  readonly state!: 'PENDING';
}

/** Where an account stands; one that was rolled back has no row. */
export class AccountDocument {
  @ApiProperty({ example: '张三' })
  readonly name!: string;

  @ApiProperty()
  readonly userId!: string;

  @ApiProperty({ description: 'Names the registration.' })
  readonly txNo!: string;

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({
    enum: ACCOUNT_STATES,
    description: 'PENDING: it may still be rolled back; nobody can log in with it.',
  })
  readonly state!: AccountState;

  @ApiProperty()
  readonly createTime!: Date;
}
