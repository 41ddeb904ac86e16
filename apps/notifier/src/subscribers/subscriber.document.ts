import { ApiProperty } from '@nestjs/swagger';
import { SUBSCRIBER_STATES, type Subscriber, type SubscriberState } from '@txmsg/webhooks';

/** A subscriber; its secrets are never shown. */
export class SubscriberDocument {
  @ApiProperty({ example: 'sub_0d6a3d0f-5f0b-4b1c-9f63-7f0c6a1e2b1a' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly url!: string;

  @ApiProperty({ type: [String] })
  readonly events!: readonly string[];

  @ApiProperty({ enum: SUBSCRIBER_STATES, description: 'OFF: switched off, or it answered 410.' })
  readonly state!: SubscriberState;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is not ACTIVE.' })
  readonly stateReason!: string | null;

  @ApiProperty({ type: [Number], nullable: true, description: 'Its own pauses, in seconds.' })
  readonly ladder!: readonly number[] | null;

  @ApiProperty({ type: Number, nullable: true })
  readonly jitter!: number | null;

  @ApiProperty({ type: String, nullable: true })
  readonly expectBody!: string | null;

  @ApiProperty()
  readonly allowPrivateAddresses!: boolean;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty()
  readonly updateTime!: Date;
}

export class SubscriberPageDocument {
  @ApiProperty({ type: [SubscriberDocument], description: 'In the order of ids.' })
  readonly subscribers!: readonly SubscriberDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'Pass it as `after`; null on the last page.' })
  readonly next!: string | null;
}

export function subscriberDocument({ ladderSeconds, ...subscriber }: Subscriber): SubscriberDocument {
  return { ...subscriber, ladder: ladderSeconds };
}
