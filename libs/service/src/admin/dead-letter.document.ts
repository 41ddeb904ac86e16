import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import {
  DEAD_LETTER_REASONS,
  DEAD_LETTER_STATES,
  type CutBody,
  type DeadLetter,
  type DeadLetterHistoryEntry,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetterState,
  type DeadLetterSummary,
  type RedriveOptions,
} from 'txmsg';
import { AdminAction } from './admin-action.js';

/** A message that could not be consumed. */
export class DeadLetterSummaryDocument implements DeadLetterSummary {
  @ApiProperty({ example: '17' })
  readonly id!: string;

  @ApiProperty()
  readonly consumerGroup!: string;

  @ApiProperty()
  readonly topic!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null when the message cannot be read so far.' })
  readonly txNo!: string | null;

  @ApiProperty()
  readonly messageId!: string;

  @ApiProperty({ enum: DEAD_LETTER_REASONS })
  readonly reason!: DeadLetterReason;

  @ApiProperty({ description: 'What was wrong, in words.' })
  readonly detail!: string;

  @ApiProperty({ enum: DEAD_LETTER_STATES })
  readonly state!: DeadLetterState;

  @ApiProperty({ description: "The broker's count of deliveries when it was stored." })
  readonly deliveryAttempt!: number;

  @ApiProperty()
  readonly bodyBytes!: number;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty()
  readonly updateTime!: Date;
}

export class DeadLetterPageDocument implements DeadLetterPage {
  @ApiProperty({ type: [DeadLetterSummaryDocument] })
  readonly deadLetters!: readonly DeadLetterSummaryDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'The `after` of the next page.' })
  readonly next!: string | null;
}

export class DeadLetterBodyDocument {
  @ApiProperty({ enum: ['utf8', 'base64'] })
  readonly encoding!: 'utf8' | 'base64';

  @ApiProperty()
  readonly text!: string;
}

export class DeadLetterCutDocument implements CutBody {
  @ApiProperty({ description: 'How many bytes came from the broker.' })
  readonly bytes!: number;

  @ApiProperty({ description: 'It was compressed, and would have been too large when inflated.' })
  readonly compressed!: boolean;
}

/** What was done with a dead letter. */
export class DeadLetterHistoryDocument implements DeadLetterHistoryEntry {
  @ApiProperty({
    enum: ['REDRIVE', 'DISMISS', 'REOPEN'],
    description: 'REOPEN: the message came again and failed again.',
  })
  readonly action!: 'REDRIVE' | 'DISMISS' | 'REOPEN';

  @ApiProperty({ type: String, nullable: true, description: 'Null when the service did it by itself.' })
  readonly by!: string | null;

  @ApiProperty()
  readonly note!: string;

  @ApiProperty({ example: 'DONE' })
  readonly outcome!: string;

  @ApiProperty()
  readonly time!: Date;
}

/** A dead letter with its message and its history. */
export class DeadLetterDocument extends DeadLetterSummaryDocument implements DeadLetter {
  @ApiProperty({ description: 'As text when it is UTF-8, else in base64.' })
  readonly body!: DeadLetterBodyDocument;

  @ApiProperty({
    type: DeadLetterCutDocument,
    nullable: true,
    description: 'Set when the message was too large: the body is its beginning, and it cannot be re-driven.',
  })
  readonly cut!: DeadLetterCutDocument | null;

  @ApiProperty({ type: [String] })
  readonly keys!: readonly string[];

  @ApiProperty({ type: Object, additionalProperties: { type: 'string' } })
  readonly properties!: Readonly<Record<string, string>>;

  @ApiProperty({ type: Date, nullable: true, description: "When it was sent, by the sender's clock." })
  readonly bornAt!: Date | null;

  @ApiProperty({ type: [DeadLetterHistoryDocument], description: 'Oldest first.' })
  readonly history!: readonly DeadLetterHistoryDocument[];
}

/** The body of `POST …/redrive`. */
export class RedriveRequest extends AdminAction implements RedriveOptions {
  @ApiPropertyOptional({
    description:
      'Handles it also when it is older than barrier rows are kept. Whether it was handled before cannot be told then: look ' +
      "into the service's own records first.",
    default: false,
  })
  @IsBoolean({ message: 'must be true or false' })
  readonly evenIfExpired: boolean = false;
}

export const CLOSING_OUTCOMES = ['DONE', 'DUPLICATE', 'IGNORED', 'DROPPED', 'UNKNOWN'] as const;

/** What a re-drive or a dismissal came to. */
export class DeadLetterOutcomeDocument {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({
    enum: CLOSING_OUTCOMES,
    description:
      'DONE; DUPLICATE: it had been consumed before; IGNORED: the service has no use for it; DROPPED: it failed again, ' +
      'but no operator needs to see it. UNKNOWN (202): COMMIT was sent and its answer lost; repeat the call.',
  })
  readonly outcome!: (typeof CLOSING_OUTCOMES)[number];
}
