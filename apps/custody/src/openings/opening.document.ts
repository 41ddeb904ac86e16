import { ApiProperty } from '@nestjs/swagger';
import { CUSTODY_STATUSES, type CustodyRequestContents, type CustodyStatus } from '@txmsg/contracts';

/** A request that was accepted, and what became of it so far. */
export class OpeningDocument implements CustodyRequestContents {
  @ApiProperty()
  readonly requestNo!: string;

  @ApiProperty()
  readonly userId!: string;

  @ApiProperty({ example: '张三' })
  readonly name!: string;

  @ApiProperty({ enum: CUSTODY_STATUSES, description: 'PROCESSING: it is not decided yet.' })
  readonly status!: CustodyStatus;

  @ApiProperty({ type: String, nullable: true, description: 'Of the account, once it is OPENED.' })
  readonly custodyAccountNo!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it was REFUSED: USER_HAS_ACCOUNT, by another request.',
  })
  readonly reason!: string | null;
}

/** It is not known yet whether the request was accepted. */
export class UnknownOpening {
  @ApiProperty({ description: 'Repeat the call with it.' })
  readonly requestNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly status!: 'UNKNOWN';
}
