import { ApiProperty } from '@nestjs/swagger';
import {
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
import { IsIn } from 'class-validator';
import { ACCOUNT_REGISTRATION_STATES, type AccountRegistrationState } from './account-registration.js';

const REQUESTED_PATTERNS = ['at', 'tcc'] as const satisfies readonly Lowercase<TwoPhasePattern>[];

/** The body of `POST /user/registrations`. */
export class AccountRegistrationRequest {
  @ApiProperty({ enum: REQUESTED_PATTERNS, description: "Seata's mode that both are made under." })
  @IsIn(REQUESTED_PATTERNS, { message: 'must be "at" or "tcc"' })
  readonly pattern!: Lowercase<TwoPhasePattern>;

  @ApiProperty({ description: USER_NAME_RULE, example: '张三', minLength: 1, maxLength: 100 })
  @Transform(({ value }) => normalizeUserName(value))
  @IsUserName()
  readonly name!: string;

  @ApiProperty({ description: PASSWORD_RULE, writeOnly: true, minLength: 8, maxLength: 128 })
  @IsPassword({ context: SECRET_FIELD })
  readonly password!: string;
}

/** Both services commit: user and login account are there; a repeated call answers the same. */
export class AccountRegistrationReceiptDocument {
  @ApiProperty({ description: 'Names the registration.' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['COMMITTED'] })
  readonly state!: 'COMMITTED';

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({ description: 'A random UUID.', example: '7f0c6a1e-5f0b-4b1c-9f63-0d6a3d0f2b1a' })
  readonly userId!: string;

  @ApiProperty({ description: 'Without the spaces around it.', example: '张三' })
  readonly name!: string;
}

/** The outcome could not be learnt yet: repeat the call with this txNo as its `Idempotency-Key`. */
export class UnknownAccountRegistration {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}

/** Where a registration stands at this service. */
export class AccountRegistrationDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({
    enum: ACCOUNT_REGISTRATION_STATES,
    description: 'OPEN: phase two has not run here yet, also of one that was answered as COMMITTED.',
  })
  readonly state!: AccountRegistrationState;

  @ApiProperty()
  readonly userId!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ description: "Seata's global transaction.", example: '10.0.0.5:8091:2612345678901234567' })
  readonly xid!: string;

  @ApiProperty()
  readonly createTime!: Date;
}
