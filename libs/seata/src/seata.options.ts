import { TxMsgConfigurationError } from 'txmsg';
import { parseBrokerAddress, type BrokerAddress } from 'txmsg/building-blocks';
import type { AtOptions } from './at/at.options.js';
import type { AcceptXidFrom } from './http/xid.interceptor.js';
import { GLOBAL_TIMEOUT_RANGE } from './tm/work-timeout.js';

/**
 * What a service tells the library. A value that breaks its rule keeps the service from starting: `TxMsgConfigurationError`
 * names every wrong one.
 */
export interface SeataOptions {
  /** Where the coordinator listens: `host:port`, with an IPv6 address in brackets. It speaks neither TLS nor a password. Required. */
  readonly server: string;
  /** The setting of yours that `server` comes from, for messages about the connection. @default server of SeataModule */
  readonly serverSetting?: string;
  /**
   * What the coordinator calls this kind of service: 1 to 32 printable ASCII characters, the same in all its instances and
   * different from every other service, since the coordinator asks any process with this name on an address. Required.
   */
  readonly applicationId: string;
  /** The coordinator's name for a group of services: 1 to 32 printable ASCII characters. @default default_tx_group */
  readonly txServiceGroup?: string;
  /** How long a call to the coordinator may take, and connecting, in ms: 100 to 60 000. @default 5000 */
  readonly callTimeoutMs?: number;
  /**
   * After how long the coordinator rolls back a global transaction that was not ended, unless it is begun with another
   * timeout, in ms: 1000 to 3 600 000. Its work must have returned earlier, by a tenth of it: at least 200 ms, at most 5 s. A
   * participant's work, whose timeout its initiator knows alone, ends by this one.
   * @default 60 000
   */
  readonly globalTimeoutMs?: number;
  /**
   * How long the end of a global transaction is waited for, in ms: 1000 to 120 000. Then it is UNKNOWN to its caller; the
   * coordinator goes on by itself. Phase two of all branches falls into it.
   * @default 20 000
   */
  readonly endTimeoutMs?: number;
  /** How long phase two of one branch may take before the coordinator is told to ask again, in ms: 100 to 14 000. @default 10 000 */
  readonly branchTimeoutMs?: number;
  /** How many calls may wait for their answer on each connection: 1 to 100 000. More are not sent. @default 1000 */
  readonly callsMax?: number;
  /** How many branches may be in phase two at a time: 1 to 100 000. The coordinator asks again for more. @default 500 */
  readonly branchesMax?: number;
  /** The pause before the first reconnection, in ms: 10 to 60 000. It doubles up to `reconnectMaxMs`. @default 200 */
  readonly reconnectMinMs?: number;
  /** The longest pause before a reconnection, in ms: `reconnectMinMs` to 60 000. @default 5000 */
  readonly reconnectMaxMs?: number;
  /**
   * Who may bring a global transaction in the header `TX_XID`. Whoever may decides whether what this service does for them is
   * committed, and can leave it undecided for as long as they gave it: keep strangers out.
   * @default anyone
   */
  readonly acceptXidFrom?: AcceptXidFrom;
  /** How long the start waits for the coordinator, in ms: 0 to 60 000. Then the service starts without, and is not ready. @default 5000 */
  readonly startTimeoutMs?: number;
  /** How long shutdown waits for branches in phase two, in ms: 100 to 60 000. @default 4000 */
  readonly shutdownTimeoutMs?: number;
  /**
   * Switches AT on, for the database of the application's DataSource; `{}` takes every default. @default AT is off, and
   * AtTransactions and GlobalLocks throw AtIsOffError
   */
  readonly at?: AtOptions;
  /**
   * Starts even though the database may lose committed transactions (`innodb_flush_log_at_trx_commit`, or `sync_binlog` of its
   * binary log, other than 1): a branch could then be undone here and not elsewhere. Beside `TxMsgModule` that module's option
   * of this name counts. @default false: such a database is refused at start
   */
  readonly acceptUnsafeFlush?: boolean;
  /**
   * How long TCC's fence rows of ended branches are kept, in ms: one hour to 10 years. Longer than the coordinator may be
   * away: without its row, a branch that is asked for again is answered "retry".
   * @default 604 800 000 (7 days)
   */
  readonly fenceRetentionMs?: number;
  /** How often older ones are looked for, in ms; 0 switches it off. Up to one day. @default 60 000 */
  readonly retentionIntervalMs?: number;
}

/** The options with every default filled in. */
export type SeataSettings = Required<Omit<SeataOptions, 'server' | 'at'>> & {
  readonly server: BrokerAddress;
  readonly at: AtOptions | undefined;
};

export const SEATA_SETTINGS = Symbol('SEATA_SETTINGS');

const DAY_MS = 86_400_000;
const NAME_PATTERN = /^[\x21-\x7e]{1,32}$/;
const NAME_RULE = 'it must be 1 to 32 printable ASCII characters without a space';

const RANGES = {
  callTimeoutMs: { default: 5000, min: 100, max: 60_000 },
  globalTimeoutMs: { default: 60_000, ...GLOBAL_TIMEOUT_RANGE },
  endTimeoutMs: { default: 20_000, min: 1000, max: 120_000 },
  branchTimeoutMs: { default: 10_000, min: 100, max: 14_000 },
  callsMax: { default: 1000, min: 1, max: 100_000 },
  branchesMax: { default: 500, min: 1, max: 100_000 },
  reconnectMinMs: { default: 200, min: 10, max: 60_000 },
  reconnectMaxMs: { default: 5000, min: 10, max: 60_000 },
  startTimeoutMs: { default: 5000, min: 0, max: 60_000 },
  shutdownTimeoutMs: { default: 4000, min: 100, max: 60_000 },
  fenceRetentionMs: { default: 7 * DAY_MS, min: 3_600_000, max: 3653 * DAY_MS },
  retentionIntervalMs: { default: 60_000, min: 0, max: DAY_MS },
} as const satisfies Partial<Record<keyof SeataOptions, { default: number; min: number; max: number }>>;
type NumberName = keyof typeof RANGES;

/** @throws TxMsgConfigurationError */
export function resolveSeataOptions(options: SeataOptions): SeataSettings {
  const problems: string[] = [];
  const numbers = Object.fromEntries(
    (Object.keys(RANGES) as NumberName[]).map((name) => [name, numberOf(name, options, problems)]),
  ) as Record<NumberName, number>;
  if (numbers.reconnectMaxMs < numbers.reconnectMinMs) {
    problems.push(
      `reconnectMaxMs: ${numbers.reconnectMaxMs} is refused: it must not be below reconnectMinMs, ${numbers.reconnectMinMs}.`,
    );
  }
  const server = parseBrokerAddress(options.server);
  if (server === undefined) {
    problems.push(
      `server: "${options.server}" is refused: it must be one host:port, with an IPv6 address in brackets.`,
    );
  }
  const { applicationId, txServiceGroup = 'default_tx_group', acceptXidFrom = 'anyone' } = options;
  for (const [name, value] of Object.entries({ applicationId, txServiceGroup })) {
    if (!NAME_PATTERN.test(value)) problems.push(`${name}: "${value}" is refused: ${NAME_RULE}.`);
  }
  if (typeof acceptXidFrom !== 'function' && !['anyone', 'nobody'].includes(acceptXidFrom)) {
    problems.push(
      `acceptXidFrom: "${acceptXidFrom}" is refused: it must be "anyone", "nobody" or a function of the request.`,
    );
  }
  if (server === undefined || problems.length > 0) throw new TxMsgConfigurationError(problems);
  const { serverSetting = 'server of SeataModule', at, acceptUnsafeFlush = false } = options;
  const texts = { serverSetting, applicationId, txServiceGroup };
  return { ...numbers, ...texts, server, acceptXidFrom, at, acceptUnsafeFlush };
}

function numberOf(name: NumberName, options: SeataOptions, problems: string[]): number {
  const { default: byDefault, min, max } = RANGES[name];
  const value = options[name] ?? byDefault;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  problems.push(`${name}: ${value} is refused: it must be a whole number from ${min} to ${max}.`);
  return byDefault;
}
