import { ApiProperty } from '@nestjs/swagger';
import { TOP_UP_STATES, type TopUp, type TopUpState } from './top-up.js';

/** Where a top-up stands at this bank. */
export class TopUpDocument implements TopUp {
  @ApiProperty({ description: "Pay's txNo." })
  readonly txNo!: string;

  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({
    enum: TOP_UP_STATES,
    description:
      'EXPECTED: its end is not known yet. GIVEN_UP: neither could pay, which is asked no more; it is credited when its end is heard of all the same. REFUSED: paid, and could not be credited.',
  })
  readonly state!: TopUpState;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was refused.' })
  readonly reason!: string | null;
}

/** It is not known yet what became of the call. */
export class UnknownTopUp {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}

/** What pay said, in its words, and where the top-up stands here. */
export class PayResultDocument {
  @ApiProperty({ description: 'The txNo.' })
  readonly id!: string;

  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly payAmount!: string;

  @ApiProperty({ description: '`success` and `fail` are final; any other word decides nothing.' })
  readonly result!: string;

  @ApiProperty({
    enum: TOP_UP_STATES,
    nullable: true,
    description: 'Null when nothing was decided here: no such account, or a failure that nobody expected.',
  })
  readonly state!: TopUpState | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it was not credited; OTHER_CONTENTS: this bank knows the txNo with other contents.',
  })
  readonly reason!: string | null;
}
