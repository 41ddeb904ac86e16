import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CustodyAccountDocument } from '../custody/custody.document.js';
import { USER_STATES, type UserState } from './user.rows.js';

/** A registered user. */
export class UserDocument {
  @ApiProperty({ description: 'A random UUID.', example: '7f0c6a1e-5f0b-4b1c-9f63-0d6a3d0f2b1a' })
  readonly userId!: string;

  @ApiProperty({ example: '张三' })
  readonly name!: string;

  @ApiProperty({ description: 'Names the registration.' })
  readonly txNo!: string;

  @ApiProperty({
    enum: USER_STATES,
    description:
      'PENDING: the registration with a login account is not ended yet, and may still be rolled back.',
  })
  readonly state!: UserState;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiPropertyOptional({
    type: CustodyAccountDocument,
    description: 'Left out when nobody has asked for one.',
  })
  readonly custodyAccount?: CustodyAccountDocument;
}
