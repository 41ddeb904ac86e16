import { TxMsgConfigurationError } from 'txmsg';
import type { Lookup } from './call/guarded-agent.js';
import { KEY_RULE, keyBytes } from './secret/secret-box.js';
import { JITTER_MAX, isLadder, LADDER_RULE } from './subscriber/subscriber-rules.js';
import type { WebhookClock } from './webhook-clock.js';

/**
 * What a service tells the library. A value that breaks its rule keeps the service from starting:
 * `TxMsgConfigurationError` names every wrong one.
 */
export interface WebhooksOptions {
  /**
   * What secrets are stored under: each key is 32 bytes in base64. The first one seals, all of them open, so that a key is
   * changed by putting the new one in front. A subscriber whose newest secret has no key here is not called. Required.
   */
  readonly encryptionKeys: readonly string[];
  /**
   * The pauses between calls, in seconds, for subscribers without a ladder of their own: 1 to 20 of them, each from 1 to
   * 604 800. One more call than pauses is made.
   * @default 60, 300, 600, 1800, 3600, 7200, 18 000, 36 000
   */
  readonly ladderSeconds?: readonly number[];
  /** By which part each pause may be longer or shorter, for subscribers without their own: 0 to 0.5. @default 0.1 */
  readonly jitter?: number;
  /** How many calls one process makes at a time: 1 to 2000. @default 256 */
  readonly concurrency?: number;
  /**
   * How many of them to one subscriber: 1 to 100. A subscriber that has not acknowledged yet, or failed last, has one.
   * @default 4
   */
  readonly concurrencyPerSubscriber?: number;
  /** For lookup, connection and TLS together, in ms: 100 to 60 000. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** From a call to the end of its answer, in ms: 100 to 120 000. @default 15 000 */
  readonly callTimeoutMs?: number;
  /** How much of an answer is read, in bytes: 1024 to 1 048 576. @default 65 536 */
  readonly answerBytesMax?: number;
  /** How large the body of a call may be, in bytes: 1024 to 1 048 576. @default 262 144 */
  readonly bodyBytesMax?: number;
  /** How long a `Retry-After` may make a delivery wait, in seconds: 0 to 604 800. @default 3600 */
  readonly retryAfterMaxSeconds?: number;
  /**
   * Takes URLs with `http:` also of subscribers without `allowPrivateAddresses`. Off, no other subscriber is called with
   * `http:`, also those who were given such a URL before.
   * @default false
   */
  readonly allowHttp?: boolean;
  /**
   * Whether a subscriber may be given `allowPrivateAddresses`. Off, nobody is called at a private address, also those who
   * were given it before.
   * @default true
   */
  readonly privateAddressesAllowed?: boolean;
  /**
   * After so many calls in a row without a sound answer a subscriber is left alone, 1 to 1000, for `breakerPauseMs`, 1 to
   * 3 600 000, or the first pause of its ladder if that is shorter; then one call tries. What is due meanwhile waits.
   * @default 5 calls, 30 000 ms
   */
  readonly breakerFailures?: number;
  readonly breakerPauseMs?: number;
  /** How often due deliveries are looked for without a wake-up, in ms: 10 to 60 000. @default 1000 */
  readonly scanIntervalMs?: number;
  /** How long what has ended is kept, with its calls, in ms: one hour to 10 years. @default 2 592 000 000 (30 days) */
  readonly retentionMs?: number;
  /** How often what is older is looked for, in ms; 0 switches it off. Up to one day. @default 60 000 */
  readonly retentionIntervalMs?: number;
  /** How long shutdown waits for running calls, in ms: 100 to 60 000. @default 4000 */
  readonly shutdownTimeoutMs?: number;
  /** What calls say they come from. @default txmsg-webhooks */
  readonly userAgent?: string;
  /** For tests: what time it is. @default the database's */
  readonly clock?: WebhookClock;
  /** For tests: where names are looked up. @default the system's resolver */
  readonly lookup?: Lookup;
  /** For tests: what jitter is made of, from 0 up to 1. @default Math.random */
  readonly random?: () => number;
}

/** The options with every default filled in. */
export type WebhooksSettings = Required<Omit<WebhooksOptions, 'encryptionKeys' | 'clock' | 'lookup'>> & {
  readonly keys: readonly Buffer[];
  readonly clock: WebhookClock | undefined;
  readonly lookup: Lookup | undefined;
  /** How long a claim lasts: longer than any call with its record. */
  readonly leaseMs: number;
};

export const WEBHOOKS_SETTINGS = Symbol('WEBHOOKS_SETTINGS');

export const DEFAULT_LADDER_SECONDS = [60, 300, 600, 1800, 3600, 7200, 18_000, 36_000] as const;
/** What claiming and recording may take besides the call. */
const LEASE_MARGIN_MS = 30_000;
const DAY_MS = 86_400_000;

const RANGES = {
  concurrency: { default: 256, min: 1, max: 2000 },
  concurrencyPerSubscriber: { default: 4, min: 1, max: 100 },
  connectTimeoutMs: { default: 5000, min: 100, max: 60_000 },
  callTimeoutMs: { default: 15_000, min: 100, max: 120_000 },
  answerBytesMax: { default: 65_536, min: 1024, max: 1_048_576 },
  bodyBytesMax: { default: 262_144, min: 1024, max: 1_048_576 },
  retryAfterMaxSeconds: { default: 3600, min: 0, max: 604_800 },
  breakerFailures: { default: 5, min: 1, max: 1000 },
  breakerPauseMs: { default: 30_000, min: 1, max: 3_600_000 },
  scanIntervalMs: { default: 1000, min: 10, max: 60_000 },
  retentionMs: { default: 30 * DAY_MS, min: 3_600_000, max: 3653 * DAY_MS },
  retentionIntervalMs: { default: 60_000, min: 0, max: DAY_MS },
  shutdownTimeoutMs: { default: 4000, min: 100, max: 60_000 },
} as const satisfies Partial<Record<keyof WebhooksOptions, { default: number; min: number; max: number }>>;
type NumberName = keyof typeof RANGES;

/** @throws TxMsgConfigurationError */
export function resolveWebhooksOptions(options: WebhooksOptions): WebhooksSettings {
  const problems: string[] = [];
  const numbers = Object.fromEntries(
    (Object.keys(RANGES) as NumberName[]).map((name) => [name, numberOf(name, options, problems)]),
  ) as Record<NumberName, number>;
  const keys = options.encryptionKeys.map(keyBytes);
  if (keys.length === 0 || keys.includes(undefined)) {
    problems.push(`encryptionKeys: there must be at least one, and each must be ${KEY_RULE}.`);
  }
  const ladderSeconds = options.ladderSeconds ?? DEFAULT_LADDER_SECONDS;
  if (!isLadder(ladderSeconds)) problems.push(`ladderSeconds: ${LADDER_RULE}.`);
  const jitter = options.jitter ?? 0.1;
  if (!(jitter >= 0 && jitter <= JITTER_MAX)) {
    problems.push(`jitter: ${jitter} is refused: it must be a number from 0 to ${JITTER_MAX}.`);
  }
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
  return {
    ...numbers,
    keys: keys.filter((key) => key !== undefined),
    ladderSeconds,
    jitter,
    allowHttp: options.allowHttp ?? false,
    privateAddressesAllowed: options.privateAddressesAllowed ?? true,
    userAgent: options.userAgent ?? 'txmsg-webhooks',
    random: options.random ?? Math.random,
    clock: options.clock,
    lookup: options.lookup,
    leaseMs: numbers.callTimeoutMs + LEASE_MARGIN_MS,
  };
}

function numberOf(name: NumberName, options: WebhooksOptions, problems: string[]): number {
  const { default: byDefault, min, max } = RANGES[name];
  const value = options[name] ?? byDefault;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  problems.push(`${name}: ${value} is refused: it must be a whole number from ${min} to ${max}.`);
  return byDefault;
}
