import { DeploymentNames, type NameOptions } from './deployment-names.js';
import type { FaultRule, ServiceFaultPoint } from '../faults/index.js';
import { resolveLimits, type MessageLimits } from '../limits/index.js';
import { retentionProblems } from './retention.rules.js';
import type { RocketmqOptions } from './rocketmq.options.js';

/**
 * What a service tells the library. Everything but `rocketmq` has a default.
 *
 * A value outside its range keeps the service from starting: `TxMsgConfigurationError` names every wrong value in one
 * report, together with what is wrong with the listeners and with the database.
 */
export interface TxMsgOptions {
  /** How RocketMQ is reached. Required. */
  readonly rocketmq: RocketmqOptions;
  /**
   * The topics and groups of this deployment, where they are not those in the code: keys are the names in the
   * decorators and in `outbox.topics`, values what RocketMQ and the database know. The service's own code goes on
   * using the names in the code, also with `sendMessageInTransaction` and `LocalMessageOutbox.publish`; messages,
   * dead letters, logs and the tables show the actual names.
   * @default every name as it stands in the code
   */
  readonly names?: NameOptions;
  /**
   * How long `sendMessageInTransaction` may take, in ms, from the call to its answer: 500 to 14 000. The broker
   * gets up to two thirds of it, so that a slow broker leaves time to answer properly. Too short, and callers of a
   * busy service often hear `HalfMessageNotSentError` or `UNKNOWN`. An unconfirmed COMMIT, or a call whose local transaction
   * did not begin in time, is looked up for up to 500 ms longer.
   * @default 3000
   */
  readonly sendTimeoutMs?: number;
  /**
   * How long one transaction of a message handler may take, in ms: 100 to 14 000, because the server closes a
   * connection that is silent for 15 s. A handler that is slower is rolled back and tried again, so too short a time
   * makes dead letters of sound messages.
   * @default 10 000
   */
  readonly handlerTimeoutMs?: number;
  /**
   * `attemptsMax` of every `@MessageListener` that gives none: 1 to 1 000 000 failures of the handler, after which the
   * message becomes a dead letter.
   * @default 16
   */
  readonly handlerAttemptsMax?: number;
  /**
   * How large messages may be; what is larger is refused when it is sent, and never parsed when it is received. The
   * same in every service that shares a topic: a message that one sends and another refuses becomes a dead letter.
   * Each listener may hold (`concurrency` + 1) × `batchSizeMax` messages of up to `bodyBytesMax` at a time;
   * docs/SECURITY.md says how much memory that takes, and a start with too little is warned about.
   * @default 64 KiB, 32 levels, 5000 values, strings of 16 KiB, numbers of 128 characters
   */
  readonly messageLimits?: Partial<MessageLimits>;
  /**
   * How long barrier rows are kept, in ms: one hour to 366 days, and not below `checkHorizonMs` and
   * `reconciliationHorizonMs` together. A message, or a half message, older than this can no longer be told from a duplicate
   * and is not acted on. The same in every instance: one that acts on messages whose rows another one has deleted
   * would take duplicates for new.
   * @default 604 800 000 (7 days)
   */
  readonly barrierRetentionMs?: number;
  /**
   * How long published rows of the local message table are kept, in ms, so that they can be published again to a
   * broker that has lost its store: one hour to 366 days, not below `reconciliationHorizonMs`, and not above
   * `barrierRetentionMs`. Rows that are yet to be published are never deleted. A message that may have been published before
   * carries the time of its transaction, from which consumers count its age.
   * @default 604 800 000 (7 days), or `barrierRetentionMs` when that is shorter
   */
  readonly outboxRetentionMs?: number;
  /**
   * How long the broker may still ask about a half message and then deliver the message, in ms, in all: 0 to 366 days, and
   * as long as it keeps messages (RocketMQ: `fileReservedTime`). Nobody can check that: when it is too short, barrier rows are
   * deleted too early, and a late message takes effect twice.
   * @default 259 200 000 (72 hours, RocketMQ's default)
   */
  readonly checkHorizonMs?: number;
  /**
   * How long after a local transaction the service's own reconciliation may still send its message again, in ms: 0
   * to 366 days. Too short has the same effect as with `checkHorizonMs`.
   * @default 0: there is no reconciliation
   */
  readonly reconciliationHorizonMs?: number;
  /**
   * How often rows that are older than their retention are looked for and deleted, in ms: up to one day. 0 switches it
   * off, and the tables grow.
   * @default 60 000
   */
  readonly retentionIntervalMs?: number;
  /**
   * How long shutdown waits for running work, in ms: 100 to 60 000. What is still running then is abandoned: its
   * transaction ends by its own deadline or with the process, and its message is delivered again; if the transaction did
   * commit, that is a duplicate.
   * @default 6000
   */
  readonly shutdownTimeoutMs?: number;
  /**
   * Starts even though the database may lose committed transactions (`innodb_flush_log_at_trx_commit`, or
   * `sync_binlog` of its binary log, other than 1): a message could then outlive the debit that it reports.
   * @default false: such a database is refused at start
   */
  readonly acceptUnsafeFlush?: boolean;
  /**
   * The local message table. `topics` are those that `LocalMessageOutbox.publish` may name, as the code has them
   * (`names.topics` may rename them), each once. Each has a producer from the start, so that readiness covers it; a
   * call with any other topic throws `InvalidArgumentError`. Rows of a topic that is no longer named stay unpublished, which
   * a start warns about: name it until none is left.
   *
   * `gatherMs`, 0 to 1000: a message whose transaction has ended waits so long for others, unless 32 are there before.
   * They are then read and sent together, which costs less for each, at the sender and at who receives them.
   * @default no topics, and nothing is published; `gatherMs` 0
   */
  readonly outbox?: { readonly topics: readonly string[]; readonly gatherMs?: number };
  /**
   * Switches fault injection on, for tests and demonstrations; refused when NODE_ENV is "production". An empty list
   * injects nothing yet: rules may be added later, through `ConfiguredFaults`.
   * @default off, and no rules can be added later
   */
  readonly faults?: readonly FaultRule[];
  /**
   * The service's own fault points. A rule for a `service:` point that is not among them is refused at start, since
   * it would never apply.
   * @default none
   */
  readonly serviceFaultPoints?: readonly ServiceFaultPoint[];
}

/** The options with every default filled in. */
export type TxMsgSettings = Required<Omit<TxMsgOptions, 'faults' | 'messageLimits' | 'names' | 'outbox'>> &
  Pick<TxMsgOptions, 'faults'> & {
    readonly messageLimits: MessageLimits;
    readonly names: DeploymentNames;
    readonly outbox: Required<NonNullable<TxMsgOptions['outbox']>>;
  };

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
export const ATTEMPTS_RANGE: Range = { default: 16, min: 1, max: 1_000_000 };
/** How long messages may wait for others, in ms. */
export const GATHER_RANGE: Range = { default: 0, min: 0, max: 1000 };

/**
 * Fills the defaults in. `problems` lists every option that breaks its rule, and is empty when all are right. A value
 * that is refused is replaced by its default, so that the application can be made and report what else is wrong.
 */
export function resolveOptions(options: TxMsgOptions): { settings: TxMsgSettings; problems: string[] } {
  const problems: string[] = [];
  const inRange = (
    name: keyof TxMsgOptions | 'outbox.gatherMs',
    value: number,
    range: Range,
    unit = ' of ms',
  ): number => {
    const { min, max } = range;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name}: ${value} is refused: it must be a whole number${unit} from ${min} to ${max}.`);
    return range.default;
  };
  const wholeMs = (name: keyof typeof RANGES): number =>
    inRange(name, options[name] ?? RANGES[name].default, RANGES[name]);
  const barrierRetentionMs = wholeMs('barrierRetentionMs');
  const retention = {
    barrierRetentionMs,
    outboxRetentionMs: inRange(
      'outboxRetentionMs',
      options.outboxRetentionMs ?? Math.min(OUTBOX_RETENTION_MS, barrierRetentionMs),
      RANGES.barrierRetentionMs,
    ),
    checkHorizonMs: wholeMs('checkHorizonMs'),
    reconciliationHorizonMs: wholeMs('reconciliationHorizonMs'),
  };
  const rocketmq = options.rocketmq as RocketmqOptions | undefined;
  const messageLimits = resolveLimits(options.messageLimits);
  problems.push(...messageLimits.problems);
  const settings: TxMsgSettings = {
    // Refused like any other wrong address, by the transport.
    rocketmq: rocketmq ?? { endpoints: '' },
    names: new DeploymentNames(options.names),
    sendTimeoutMs: wholeMs('sendTimeoutMs'),
    handlerTimeoutMs: wholeMs('handlerTimeoutMs'),
    handlerAttemptsMax: inRange(
      'handlerAttemptsMax',
      options.handlerAttemptsMax ?? ATTEMPTS_RANGE.default,
      ATTEMPTS_RANGE,
      '',
    ),
    messageLimits: messageLimits.limits,
    ...retention,
    retentionIntervalMs: wholeMs('retentionIntervalMs'),
    shutdownTimeoutMs: wholeMs('shutdownTimeoutMs'),
    acceptUnsafeFlush: options.acceptUnsafeFlush ?? false,
    outbox: {
      topics: options.outbox?.topics ?? [],
      gatherMs: inRange('outbox.gatherMs', options.outbox?.gatherMs ?? GATHER_RANGE.default, GATHER_RANGE),
    },
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
