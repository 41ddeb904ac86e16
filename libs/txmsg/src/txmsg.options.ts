import type { FaultRule, ServiceFaultPoint } from './faults/index.js';
import { resolveLimits, type MessageLimits } from './limits/index.js';
import { retentionProblems } from './retention.rules.js';
import type { RocketmqOptions } from './rocketmq.options.js';

/** What a service tells the library. Everything but `rocketmq` has a default. */
export interface TxMsgOptions {
  readonly rocketmq: RocketmqOptions;
  /**
   * How long `sendMessageInTransaction` may take, in ms, from the call to its answer; at least 500. The broker
   * gets up to two thirds of it, so that a slow broker leaves time to answer properly.
   * @default 3000
   */
  readonly sendTimeoutMs?: number;
  /**
   * How long one transaction of a message handler may take, in ms. Must stay below the connections' 15 s
   * `wait_timeout`; 14 000 is the most. A handler that is slower is rolled back and tried again.
   * @default 10 000
   */
  readonly handlerTimeoutMs?: number;
  /**
   * How large messages may be; what is larger is refused when it is sent, and never parsed when it is received. The
   * same in every service that shares a topic. What is held at once, per listener: `concurrency` × `batchSizeMax`
   * messages of up to `bodyBytesMax` each; docs/SECURITY.md says what that takes.
   * @default 64 KiB, 32 levels, 5000 values, strings of 16 KiB, numbers of 128 characters
   */
  readonly messageLimits?: Partial<MessageLimits>;
  /**
   * How long barrier rows are kept, in ms: a message, or a half message, older than this can no longer be told
   * from a duplicate and is not acted on. At least one hour, and not below the two horizons. The same in every
   * instance: one that acts on messages whose rows another one has deleted would take duplicates for new.
   * @default 604 800 000 (7 days)
   */
  readonly barrierRetentionMs?: number;
  /**
   * How long published rows of the local message table are kept, in ms, so that they can be published again to a
   * broker that has lost its store. Not below `reconciliationHorizonMs`, and not above `barrierRetentionMs`. Rows
   * that are yet to be published are never deleted.
   * @default 604 800 000 (7 days), or `barrierRetentionMs` when that is shorter
   */
  readonly outboxRetentionMs?: number;
  /**
   * How long the broker may still ask about a half message, or deliver a message, in ms: for as long as it keeps
   * messages (RocketMQ: `fileReservedTime`).
   * @default 259 200 000 (72 hours, RocketMQ's default)
   */
  readonly checkHorizonMs?: number;
  /**
   * How long after a local transaction the service's own reconciliation may still act on it, in ms.
   * @default 0: there is none
   */
  readonly reconciliationHorizonMs?: number;
  /**
   * How often, in ms, rows that are older than their retention are looked for and deleted; 0 switches it off.
   * @default 60 000
   */
  readonly retentionIntervalMs?: number;
  /**
   * How long shutdown waits for running work, in ms, before it lets go of it.
   * @default 6000
   */
  readonly shutdownTimeoutMs?: number;
  /**
   * Starts even though the database may lose committed transactions (`innodb_flush_log_at_trx_commit`, or
   * `sync_binlog` of its binary log, other than 1): a message could then outlive the debit that it reports.
   * @default false
   */
  readonly acceptUnsafeFlush?: boolean;
  /**
   * The local message table. `topics` are those that `LocalMessageOutbox.publish` may name; each has a producer
   * from the start, so that readiness covers it.
   * @default no topics, and no relay
   */
  readonly outbox?: { readonly topics: readonly string[] };
  /**
   * Switches fault injection on, for tests and demonstrations; refused when NODE_ENV is "production". An empty list
   * does nothing yet: rules may be put in later, through `ConfiguredFaults`.
   * @default off: then nothing can put rules in
   */
  readonly faults?: readonly FaultRule[];
  /**
   * The service's own fault points. A rule for a `service:` point that is not among them is refused at start, since
   * it would never strike.
   * @default none
   */
  readonly serviceFaultPoints?: readonly ServiceFaultPoint[];
}

/** The options with every default filled in. */
export type TxMsgSettings = Required<Omit<TxMsgOptions, 'faults' | 'messageLimits'>> &
  Pick<TxMsgOptions, 'faults'> & { readonly messageLimits: MessageLimits };

const DAY_MS = 86_400_000;

interface Range {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const RANGES = {
  sendTimeoutMs: { default: 3000, min: 500, max: 14_000 },
  handlerTimeoutMs: { default: 10_000, min: 100, max: 14_000 },
  barrierRetentionMs: { default: 7 * DAY_MS, min: 3_600_000, max: 366 * DAY_MS },
  checkHorizonMs: { default: 3 * DAY_MS, min: 0, max: 366 * DAY_MS },
  reconciliationHorizonMs: { default: 0, min: 0, max: 366 * DAY_MS },
  retentionIntervalMs: { default: 60_000, min: 0, max: DAY_MS },
  shutdownTimeoutMs: { default: 6000, min: 100, max: 60_000 },
} satisfies Record<string, Range>;

const OUTBOX_RETENTION_MS = 7 * DAY_MS;

/** Fills the defaults in. `problems` lists every option that breaks its rule, and is empty when all are right. */
export function resolveOptions(options: TxMsgOptions): { settings: TxMsgSettings; problems: string[] } {
  const problems: string[] = [];
  const inRange = (name: keyof TxMsgOptions, value: number, { min, max }: Omit<Range, 'default'>): number => {
    if (!Number.isInteger(value) || value < min || value > max) {
      problems.push(`${name}: ${value} is refused: a whole number of ms from ${min} to ${max}`);
    }
    return value;
  };
  const wholeMs = (name: keyof typeof RANGES): number =>
    inRange(name, options[name] ?? RANGES[name].default, RANGES[name]);
  const barrierRetentionMs = wholeMs('barrierRetentionMs');
  const retention = {
    barrierRetentionMs,
    // A wrong barrierRetentionMs makes no second problem.
    outboxRetentionMs: inRange(
      'outboxRetentionMs',
      options.outboxRetentionMs ??
        Math.min(OUTBOX_RETENTION_MS, Math.max(barrierRetentionMs, RANGES.barrierRetentionMs.min)),
      RANGES.barrierRetentionMs,
    ),
    checkHorizonMs: wholeMs('checkHorizonMs'),
    reconciliationHorizonMs: wholeMs('reconciliationHorizonMs'),
  };
  const messageLimits = resolveLimits(options.messageLimits);
  problems.push(...messageLimits.problems);
  const settings: TxMsgSettings = {
    rocketmq: options.rocketmq,
    sendTimeoutMs: wholeMs('sendTimeoutMs'),
    handlerTimeoutMs: wholeMs('handlerTimeoutMs'),
    messageLimits: messageLimits.limits,
    ...retention,
    retentionIntervalMs: wholeMs('retentionIntervalMs'),
    shutdownTimeoutMs: wholeMs('shutdownTimeoutMs'),
    acceptUnsafeFlush: options.acceptUnsafeFlush ?? false,
    outbox: options.outbox ?? { topics: [] },
    serviceFaultPoints: options.serviceFaultPoints ?? [],
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  };
  // Only when each is right by itself: one mistake makes one problem.
  if (problems.length === 0) problems.push(...retentionProblems(retention));
  return { settings, problems };
}

/** Injection token of the `TxMsgSettings`. */
export const TXMSG_SETTINGS = Symbol('TXMSG_SETTINGS');

/** Injection token of the `DataSource` that local transactions, handlers and the barrier share. */
export const TXMSG_DATA_SOURCE = Symbol('TXMSG_DATA_SOURCE');
