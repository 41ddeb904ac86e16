/**
 * - `ACTIVE`: it is called.
 * - `OFF`: nobody calls it, because an operator said so or because it answered 410. What it should hear is recorded as
 *   given up, and may be re-driven later.
 * - `DELETED`: nothing new is recorded for it, and its secrets are gone.
 */
export const SUBSCRIBER_STATES = ['ACTIVE', 'OFF', 'DELETED'] as const;
/** One of `SUBSCRIBER_STATES`. */
export type SubscriberState = (typeof SUBSCRIBER_STATES)[number];

/** What a subscriber is made of, besides its secret. */
export interface SubscriberContents {
  /** 1 to 100 characters; no two that are not deleted have the same. */
  readonly name: string;
  /** Where it is called; no user, no fragment, `https` unless options or `allowPrivateAddresses` say otherwise. */
  readonly url: string;
  /** The types that it hears of: 1 to 50, each of 1 to 128 characters out of A-Z a-z 0-9 . _ -. */
  readonly events: readonly string[];
  /** Its own pauses between calls, in seconds; null for the service's. */
  readonly ladderSeconds: readonly number[] | null;
  /** Its own jitter, 0 to 0.5; null for the service's. */
  readonly jitter: number | null;
  /** What the body of an answer must be, to acknowledge: 1 to 200 characters; null when every 2xx does. */
  readonly expectBody: string | null;
  /** Whether it may be at a private address, and at an `http` URL. */
  readonly allowPrivateAddresses: boolean;
}

/** A subscriber, as callers see it: its secrets are never shown. */
export interface Subscriber extends SubscriberContents {
  readonly id: string;
  readonly state: SubscriberState;
  /** Why it is not ACTIVE. */
  readonly stateReason: string | null;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** What `create` takes; what is left out is null or false. */
export type NewSubscriber = Pick<SubscriberContents, 'name' | 'url' | 'events'> &
  Partial<SubscriberContents> & {
    /** `whsec_` and 24 to 64 bytes in base64. */
    readonly secret: string;
  };

/** What `update` takes; what is left out stays. `state` switches it on or off. */
export type SubscriberChanges = Partial<SubscriberContents> & { readonly state?: 'ACTIVE' | 'OFF' };
