import type { CallOutcome } from '../call/call-result.js';
import type { GivenUpReason } from './ladder.js';

/** `PENDING`: the ladder goes on. `ACKNOWLEDGED` and `GIVEN_UP` are its two ends. */
export const DELIVERY_STATES = ['PENDING', 'ACKNOWLEDGED', 'GIVEN_UP'] as const;
/** One of `DELIVERY_STATES`. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One thing that one subscriber is to be told, and how far that has come. */
export interface Delivery {
  /** Also the header `webhook-id`. */
  readonly id: string;
  readonly subscriberId: string;
  readonly type: string;
  readonly state: DeliveryState;
  /** Why it was given up; null otherwise. */
  readonly reason: GivenUpReason | null;
  /** The calls that were recorded. */
  readonly calls: number;
  /** When the next call is due; null when there is none. */
  readonly dueAt: Date | null;
  /** Whether a worker has it now. */
  readonly isClaimed: boolean;
  readonly createTime: Date;
  /** When it was acknowledged or given up. */
  readonly endTime: Date | null;
}

/** One call that was made. */
export interface DeliveryCall {
  readonly number: number;
  readonly time: Date;
  readonly durationMs: number;
  readonly outcome: CallOutcome;
  readonly status: number | null;
  readonly detail: string;
  /** The first bytes of the answer, as text. */
  readonly answer: string;
}

/** A delivery with the body that is sent and every call. */
export interface DeliveryDetail extends Delivery {
  readonly body: string;
  readonly log: readonly DeliveryCall[];
}

/** What `WebhookDeliveries.list` filters by. */
export interface DeliveryQuery {
  readonly subscriberId?: string;
  readonly state?: DeliveryState;
  /** The `next` of the page before. */
  readonly after?: string;
  /** 1 to 100. @default 20 */
  readonly limit?: number;
}

/** One page, in the order of ids. */
export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  /** Pass it as `after`; null on the last page. */
  readonly next: string | null;
}
