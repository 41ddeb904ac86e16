import {
  auditOneServer,
  auditTwoServers,
  AuditUnreadableError,
  databaseOf,
  describeDisagreement,
  type AuditReport,
} from '@txmsg/bank/audit';
import { CommandError, UsageError } from 'txmsg/cli';
import { MysqlUrlError, mysqlPlace, parseMysqlUrl } from 'txmsg/mysql';
import { externalServersOf } from '../../stack/external-servers.js';
import { LocalStack } from '../../stack/local-stack.js';
import type { Call, Command } from '../command.js';
import { list, printable, table } from '../table.js';

export const UNREADABLE = 3;

/** Reads the databases directly, so it works while no bank runs. */
export const auditCommand: Command = {
  words: ['audit'],
  parameters: [],
  summary:
    'Compares the books of both banks in their databases: BANK1_MYSQL_URL and BANK2_MYSQL_URL, in one snapshot ' +
    'if MYSQL_ROOT_URL is of the server that has both; default: the local stack. FOREIGN_SENDERS=true: others ' +
    'than bank1 send transfers too, and their credits are no disagreements.',
  options: {},
  run: async (call) => {
    const report = await read(databasesOf(call), foreignSendersOf(call));
    call.print(call.asJson ? JSON.stringify(report) : textOf(report));
    return report.agrees ? 0 : 1;
  },
};

/** The same variable as bank1's setting. */
function foreignSendersOf({ environment: { FOREIGN_SENDERS = '' } }: Call): boolean {
  if (!['', 'true', 'false'].includes(FOREIGN_SENDERS)) {
    throw new UsageError(`FOREIGN_SENDERS is "${FOREIGN_SENDERS.slice(0, 20)}": it must be true or false.`);
  }
  return FOREIGN_SENDERS === 'true';
}

export interface Databases {
  readonly bank1: string;
  readonly bank2: string;
  /** An account of the server that has both. */
  readonly root: string | undefined;
}

export function databasesOf({
  environment,
  stackDirectory,
}: Pick<Call, 'environment' | 'stackDirectory'>): Databases {
  const { BANK1_MYSQL_URL: bank1, BANK2_MYSQL_URL: bank2, MYSQL_ROOT_URL: root } = environment;
  if (bank1 && bank2) {
    const urls = { BANK1_MYSQL_URL: bank1, BANK2_MYSQL_URL: bank2, ...(root && { MYSQL_ROOT_URL: root }) };
    for (const [name, url] of Object.entries(urls)) assertUrl(name, url);
    return { bank1, bank2, root: root && isSameServer(root, bank1, bank2) ? root : undefined };
  }
  if (bank1 || bank2) {
    throw new UsageError('BANK1_MYSQL_URL and BANK2_MYSQL_URL belong together: only one of them is set.');
  }
  if (root) {
    assertUrl('MYSQL_ROOT_URL', root);
    return { bank1: withDatabase(root, 'bank1'), bank2: withDatabase(root, 'bank2'), root };
  }
  const stack = new LocalStack({ directory: stackDirectory, external: externalServersOf(environment) });
  if (!stack.isRunning('mysql')) {
    throw new CommandError(
      'There are no databases to read: set BANK1_MYSQL_URL and BANK2_MYSQL_URL, or start the local stack with ' +
        '"npm run stack -- up".',
      UNREADABLE,
    );
  }
  const { BANK1_MYSQL_URL, BANK2_MYSQL_URL, MYSQL_ROOT_URL } = stack.env();
  return { bank1: BANK1_MYSQL_URL, bank2: BANK2_MYSQL_URL, root: MYSQL_ROOT_URL };
}

function assertUrl(name: string, url: string): void {
  const problem = problemOf(url, name !== 'MYSQL_ROOT_URL');
  if (problem === undefined) return;
  throw new UsageError(
    `${name} must be a URL of the form mysql://user:password@host:port/database; it ${problem}.`,
  );
}

function problemOf(url: string, needsDatabase: boolean): string | undefined {
  try {
    const { database } = parseMysqlUrl(url);
    return needsDatabase && database === undefined ? 'names no database' : undefined;
  } catch (error) {
    if (error instanceof MysqlUrlError) return error.problem;
    throw error;
  }
}

function isSameServer(...urls: readonly string[]): boolean {
  const places = urls.map((url) => {
    const { host, port } = parseMysqlUrl(url);
    return mysqlPlace({ host, port });
  });
  return new Set(places).size === 1;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function read({ bank1, bank2, root }: Databases, foreignSenders: boolean): Promise<AuditReport> {
  try {
    if (root === undefined) return await auditTwoServers({ bank1, bank2 }, { foreignSenders });
    const schemas = { bank1: databaseOf(bank1), bank2: databaseOf(bank2) };
    return await auditOneServer(root, schemas, { foreignSenders });
  } catch (error) {
    if (error instanceof AuditUnreadableError) throw new CommandError(printable(error.message), UNREADABLE);
    throw error;
  }
}

const READINGS = {
  ONE_SNAPSHOT: 'Both banks at one moment.',
  THREE_SNAPSHOTS: 'bank2, bank1 and bank2 again, one after another.',
};

function textOf({ reading, money, transfers, foreignCredits, disagreements }: AuditReport): string {
  const { opening, balance, sent, received, inFlight, refused } = money;
  const paragraphs = [
    READINGS[reading],
    list([
      ['bank1', `opened with ${opening.bank1}, has ${balance.bank1}`],
      ['bank2', `opened with ${opening.bank2}, has ${balance.bank2}`],
      ['transfers', `${transfers.bank1} at bank1, ${transfers.bank2} at bank2`],
      ['sent', sent],
      ['received', received],
      ['in flight', `${inFlight}, of which ${refused} is refused and not given back yet`],
    ]),
  ];
  if (foreignCredits.count > 0) {
    const rows = foreignCredits.listed.map((it) => [it.txNo, it.accountNo, it.toAccountNo, it.amount]);
    paragraphs.push(
      `${foreignCredits.count} credits, ${foreignCredits.sum} together, that bank1 has no debit for. Unless ` +
        'FOREIGN_SENDERS=true declares other senders, they are disagreements:',
      table(['txNo', 'from', 'to', 'amount'], rows),
    );
  }
  const { count, listed } = disagreements;
  const named = listed.map((it) => `- ${printable(describeDisagreement(it))}`);
  const unnamed = count > listed.length ? [`- … and ${count - listed.length} more`] : [];
  paragraphs.push(
    count === 0 ? 'Everything agrees.' : [`${count} disagreements:`, ...named, ...unnamed].join('\n'),
  );
  return paragraphs.join('\n\n');
}
