import { ApiProperty } from '@nestjs/swagger';
import {
  CALL_OUTCOMES,
  DELIVERY_STATES,
  GIVEN_UP_REASONS,
  type CallOutcome,
  type Delivery,
  type DeliveryDetail,
  type DeliveryState,
  type GivenUpReason,
} from '@txmsg/webhooks';

/** What one subscriber is told, and how far that has come. */
export class NotificationDocument {
  @ApiProperty({ description: 'Also the header `webhook-id` of every call.' })
  readonly id!: string;

  @ApiProperty({ description: 'The id of the subscriber.' })
  readonly subscriber!: string;

  @ApiProperty({ example: 'topup.result' })
  readonly type!: string;

  @ApiProperty({ enum: DELIVERY_STATES })
  readonly state!: DeliveryState;

  @ApiProperty({ enum: GIVEN_UP_REASONS, nullable: true, description: 'Why it was given up.' })
  readonly reason!: GivenUpReason | null;

  @ApiProperty({ description: 'The calls that were recorded.' })
  readonly calls!: number;

  @ApiProperty({ type: Date, nullable: true, description: 'When the next call is due.' })
  readonly dueAt!: Date | null;

  @ApiProperty({ description: 'Whether it is being called now.' })
  readonly isClaimed!: boolean;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty({ type: Date, nullable: true, description: 'When it was acknowledged or given up.' })
  readonly endTime!: Date | null;
}

/** One call that was made. */
export class CallDocument {
  @ApiProperty()
  readonly number!: number;

  @ApiProperty()
  readonly time!: Date;

  @ApiProperty()
  readonly durationMs!: number;

  @ApiProperty({ enum: CALL_OUTCOMES })
  readonly outcome!: CallOutcome;

  @ApiProperty({ type: Number, nullable: true, description: 'Of the answer, if there was one.' })
  readonly status!: number | null;

  @ApiProperty({ description: 'Why it was no acknowledgement.' })
  readonly detail!: string;

  @ApiProperty({ description: 'The first bytes of the answer.' })
  readonly answer!: string;
}

export class NotificationDetailDocument extends NotificationDocument {
  @ApiProperty({ description: 'As it is sent.' })
  readonly body!: string;

  @ApiProperty({ type: [CallDocument] })
  readonly log!: readonly CallDocument[];
}

export class NotificationPageDocument {
  @ApiProperty({ type: [NotificationDocument], description: 'In the order of ids.' })
  readonly notifications!: readonly NotificationDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'Pass it as `after`; null on the last page.' })
  readonly next!: string | null;
}

export function notificationDocument({ subscriberId, ...delivery }: Delivery): NotificationDocument {
  return { ...delivery, subscriber: subscriberId };
}

export function detailDocument({ subscriberId, ...delivery }: DeliveryDetail): NotificationDetailDocument {
  return { ...delivery, subscriber: subscriberId };
}
