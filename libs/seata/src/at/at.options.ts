import { TxMsgConfigurationError } from 'txmsg';

/** What a service tells AT. A value that breaks its rule keeps the service from starting. */
export interface AtOptions {
  /**
   * What the coordinator calls this database, and so whose global locks exclude each other: the same text in every instance
   * and in Java services that share the database, which call it by their JDBC URL up to `?`. Do not change it while branches
   * are open: nobody would serve them. The default follows the DataSource as it is written, and takes `localhost` and
   * `127.0.0.1` for two databases. @default jdbc:mysql://HOST:PORT/DATABASE of the DataSource
   */
  readonly resourceId?: string;
  /**
   * The time zone of the JVMs that share the database: Java writes DATE and DATETIME into undo logs as moments of its own
   * zone. With another zone than theirs, rows with such columns count as changed by others. @default UTC
   */
  readonly javaTimeZone?: string;
  /** How often the work is tried when locks of others are in its way: 1 to 1000. @default 30 */
  readonly attemptsMax?: number;
  /** The pause after the first of these tries, in ms: 1 to 10 000. It doubles up to `retryPauseMaxMs`. @default 10 */
  readonly retryPauseMs?: number;
  /** The longest of these pauses, in ms: 1 to 60 000. @default 200 */
  readonly retryPauseMaxMs?: number;
  /** How many rows one statement may change: 1 to 10 000. @default 1000 */
  readonly imageRowsMax?: number;
  /** How large an undo log may be, in bytes: 1024 to 33 554 432. Keep it below half of MySQL's max_allowed_packet. @default 4 194 304 */
  readonly undoLogBytesMax?: number;
  /** How long what is known of a table may be used before it is read again, in ms: 0 to 3 600 000. @default 60 000 */
  readonly metadataMaxAgeMs?: number;
  /** How long the end of a committed branch may wait for others, to delete undo logs together, in ms: 0 to 1000. @default 10 */
  readonly commitBatchDelayMs?: number;
  /** How many undo logs are deleted together: 1 to 1000. @default 200 */
  readonly commitBatchMax?: number;
  /**
   * How long markers of rolled-back branches are kept, in ms: one hour to 10 years. A marker must outlive any phase one that
   * could still commit, and tells the initiator that the branch was rolled back. @default 604 800 000 (7 days)
   */
  readonly markerRetentionMs?: number;
  /** How often older ones are looked for, in ms; 0 switches it off. Up to one day. @default 60 000 */
  readonly markerPurgeIntervalMs?: number;
}

/** The options with every default filled in. */
export type AtSettings = Required<AtOptions> & {
  /** False when the service has not given the option `at`. */
  readonly isOn: boolean;
};

/** Nothing is registered under it. */
const NO_RESOURCE = 'jdbc:mysql://at-is-off/at-is-off';

const DAY_MS = 86_400_000;

const RANGES = {
  attemptsMax: { default: 30, min: 1, max: 1000 },
  retryPauseMs: { default: 10, min: 1, max: 10_000 },
  retryPauseMaxMs: { default: 200, min: 1, max: 60_000 },
  imageRowsMax: { default: 1000, min: 1, max: 10_000 },
  undoLogBytesMax: { default: 4_194_304, min: 1024, max: 33_554_432 },
  metadataMaxAgeMs: { default: 60_000, min: 0, max: 3_600_000 },
  commitBatchDelayMs: { default: 10, min: 0, max: 1000 },
  commitBatchMax: { default: 200, min: 1, max: 1000 },
  markerRetentionMs: { default: 7 * DAY_MS, min: 3_600_000, max: 3653 * DAY_MS },
  markerPurgeIntervalMs: { default: 60_000, min: 0, max: DAY_MS },
} as const satisfies Partial<Record<keyof AtOptions, { default: number; min: number; max: number }>>;
type NumberName = keyof typeof RANGES;

/** Where a DataSource of TypeORM connects to, as its options say. */
export interface DatabaseAddress {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
}

/** @param options - undefined: AT is off @throws TxMsgConfigurationError */
export function resolveAtOptions(options: AtOptions | undefined, address: DatabaseAddress): AtSettings {
  if (options === undefined)
    return { ...resolveAtOptions({ resourceId: NO_RESOURCE }, address), isOn: false };
  const problems: string[] = [];
  const numbers = Object.fromEntries(
    (Object.keys(RANGES) as NumberName[]).map((name) => [name, numberOf(name, options, problems)]),
  ) as Record<NumberName, number>;
  const resourceId = options.resourceId ?? resourceIdOf(address);
  if (!/^jdbc:mysql:\/\/[^?,\s]+\/[^?,\s/]+$/.test(resourceId)) {
    problems.push(
      `at.resourceId: "${resourceId}" is refused: it must be a JDBC URL up to "?", as jdbc:mysql://host:port/database, without a comma.`,
    );
  }
  const javaTimeZone = options.javaTimeZone ?? 'UTC';
  if (!isTimeZone(javaTimeZone)) {
    problems.push(
      `at.javaTimeZone: "${javaTimeZone}" is refused: it must be a time zone as Asia/Shanghai or UTC.`,
    );
  }
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
  return { ...numbers, resourceId, javaTimeZone, isOn: true };
}

function resourceIdOf({ host, port, database }: DatabaseAddress): string {
  return `jdbc:mysql://${host ?? 'localhost'}:${port ?? 3306}/${database ?? ''}`;
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function numberOf(name: NumberName, options: AtOptions, problems: string[]): number {
  const { default: byDefault, min, max } = RANGES[name];
  const value = options[name] ?? byDefault;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  problems.push(`at.${name}: ${value} is refused: it must be a whole number from ${min} to ${max}.`);
  return byDefault;
}
