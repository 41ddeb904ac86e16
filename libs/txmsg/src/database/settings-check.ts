import type { DataSource, EntityManager } from 'typeorm';
import { poolOf } from './pool-queue.js';
import { withConnection } from './with-connection.js';

const TIMEOUT_MS = 10_000;
/** Twice RocketMQ's largest message, as hexadecimal digits where a body is sent as text, and the rest of the row. */
const PACKET_BYTES_MIN = 16 * 1024 * 1024;
/** For one process. A connection may prepare some 70 statements: one for each number of rows in an INSERT, and a few others. */
const PREPARED_STATEMENTS_MIN = 1024;
const MOMENT = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
const MOMENT_TEXT = '2026-01-02 03:04:05.678';
const BIG_NUMBER = '9007199254740993';
const TEXT = 'é𠮷';

/** What the database and the driver return for a query whose correct result is known. */
export interface Sample {
  readonly version: unknown;
  readonly log_bin: unknown;
  readonly binlog_format: unknown;
  readonly max_allowed_packet: unknown;
  readonly max_prepared_stmt_count: unknown;
  readonly big_number: unknown;
  readonly moment_read: unknown;
  readonly moment_sent: unknown;
  readonly text_sent: unknown;
  readonly json_read: unknown;
}

/**
 * Checks the settings that a session cannot change: those of the server, and of the driver in the service's DataSource.
 * Each problem is a full sentence. docs/MYSQL.md lists them all.
 * @throws when the database is away
 */
export async function checkSettings(dataSource: DataSource): Promise<string[]> {
  if (dataSource.options.type !== 'mysql') {
    return [
      `The DataSource has type "${dataSource.options.type}"; txmsg works with "mysql" and the driver mysql2. Give it such a one.`,
    ];
  }
  const reset = poolOf(dataSource)?.config?.resetOnRelease === true;
  const sample = await withConnection(dataSource, TIMEOUT_MS, takeSample);
  return [...(reset ? [RESET_ON_RELEASE] : []), ...problemsOf(sample)];
}

const RESET_ON_RELEASE =
  'The DataSource has resetOnRelease = true (mysql2), which undoes the session settings that txmsg relies on each time a connection is given back. Leave it out.';
/** rowsAsArray, nestTables and typeCast = false need no look: TypeORM itself cannot connect with them. */
async function takeSample(entityManager: EntityManager): Promise<Sample> {
  const [sample] = await entityManager.query<[Sample]>(
    `SELECT @@version AS version, @@log_bin AS log_bin, @@binlog_format AS binlog_format,
       @@max_allowed_packet AS max_allowed_packet, @@max_prepared_stmt_count AS max_prepared_stmt_count,
       ${BIG_NUMBER} AS big_number, CAST('{}' AS JSON) AS json_read,
       CAST('${MOMENT_TEXT}' AS DATETIME(3)) AS moment_read, CAST(? AS CHAR) AS moment_sent, HEX(?) AS text_sent`,
    [MOMENT, TEXT],
  );
  return sample;
}

/** @internal exported for its test */
export function problemsOf(sample: Sample): string[] {
  return [...serverProblems(sample), ...driverProblems(sample)];
}

function serverProblems(sample: Sample): string[] {
  const { version, log_bin, binlog_format, max_allowed_packet, max_prepared_stmt_count } = sample;
  const problems: string[] = [];
  const name = String(version);
  if (/mariadb/i.test(name) || isOlder(name, OLDEST)) {
    problems.push(
      `The database is "${name}"; txmsg needs MySQL ${OLDEST.join('.')} or later (SKIP LOCKED, VALUES ROW, the collation utf8mb4_0900_bin).`,
    );
  }
  if (String(log_bin) === '1' && String(binlog_format) === 'STATEMENT') {
    problems.push(
      'The database has binlog_format = STATEMENT, which refuses every change in READ COMMITTED. Set it to ROW (the default) or MIXED.',
    );
  }
  if (Number(max_allowed_packet) < PACKET_BYTES_MIN) {
    problems.push(
      `The database has max_allowed_packet = ${String(max_allowed_packet)}, so a large row could not be stored, such as a message that is kept as a dead letter. Set it to ${PACKET_BYTES_MIN} or more.`,
    );
  }
  if (Number(max_prepared_stmt_count) < PREPARED_STATEMENTS_MIN) {
    problems.push(
      `The database has max_prepared_stmt_count = ${String(max_prepared_stmt_count)}, so what is sent prepared could not be stored: dead letters and local messages. Set it to ${PREPARED_STATEMENTS_MIN} or more, with some 100 for each connection to the server.`,
    );
  }
  return problems;
}

/** `VALUES ROW(…)` came last of what the statements need (MySQL 8.0 Release Notes, 8.0.19). */
const OLDEST = [8, 0, 19] as const;

function isOlder(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split(/[.-]/, oldest.length).map((part) => Number.parseInt(part, 10));
  const first = oldest.findIndex((number, index) => numbers[index] !== number);
  return first >= 0 && (numbers[first] ?? 0) < (oldest[first] ?? 0);
}

function driverProblems({ big_number, moment_read, moment_sent, text_sent, json_read }: Sample): string[] {
  const problems: string[] = [];
  if (big_number !== BIG_NUMBER) {
    problems.push(
      'The DataSource does not read BIGINT as text: set supportBigNumbers and bigNumberStrings to true (the default of TypeORM), and let a typeCast of your own leave them alone.',
    );
  }
  const isRead = moment_read instanceof Date && moment_read.getTime() === MOMENT.getTime();
  if (!isRead || moment_sent !== MOMENT_TEXT) {
    problems.push(
      'The DataSource does not read and write DATETIME as a Date in UTC: set timezone to "Z" and dateStrings to false.',
    );
  }
  if (text_sent !== Buffer.from(TEXT).toString('hex').toUpperCase()) {
    problems.push('The DataSource does not send text as UTF-8: leave charset and queryFormat (mysql2) out.');
  }
  if (typeof json_read !== 'object' || json_read === null) {
    problems.push(
      'The DataSource reads JSON as text: leave jsonStrings (mysql2) out, and let a typeCast of your own leave it alone.',
    );
  }
  return problems;
}
