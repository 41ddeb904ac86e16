import { bankScriptTexts, readBankScripts, type Bank } from '@txmsg/bank/provisioning';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { mysqlPlace, parseMysqlUrl } from 'txmsg/mysql';
import { pendingChanges, type SchemaChange } from 'txmsg/schema';
import { CommandError } from '../command.error.js';
import type { Call, Command } from '../command.js';
import { printable } from '../table.js';
import { databasesOf, UNREADABLE } from './audit.js';

const BANKS = ['bank1', 'bank2'] as const;
const CONNECT_TIMEOUT_MS = 10_000;

interface DatabaseStatus {
  readonly database: string;
  /** What it still needs; nothing when it is up to date. */
  readonly pending: readonly SchemaChange[];
}

/** Reads the databases past the banks, so it works while none of them runs. */
export const schemaStatus: Command = {
  words: ['status'],
  parameters: [],
  summary:
    'Says what the tables of both banks still need of sql/*.sql; the databases are those that "audit" reads.',
  changes: false,
  options: {},
  run: async (call) => {
    const databases = await statusOf(call);
    const lines = databases.flatMap(({ database, pending }) => [
      `${database}: ${pending.length === 0 ? 'up to date' : `${pending.length} changes are needed`}`,
      ...pending.map(({ name, why }) => `- ${name}: ${why}`),
    ]);
    const isUpToDate = databases.every(({ pending }) => pending.length === 0);
    const advice = 'Make them before the new version starts: "npm run txmsg -- sql --pending" prints them.';
    call.print(
      call.asJson ? JSON.stringify({ databases }) : [...lines, ...(isUpToDate ? [] : [advice])].join('\n'),
    );
    return isUpToDate ? 0 : 1;
  },
};

export const schemaSql: Command = {
  words: ['sql'],
  parameters: [],
  summary: "Prints the SQL of the library's tables, which may be run again at any time.",
  changes: false,
  options: {
    pending: { meaning: 'print only what both databases still need, for an account that may alter tables' },
  },
  run: async (call) => {
    if (!call.switches.has('pending')) {
      const text = bankScriptTexts('bank1').at(-1) ?? '';
      call.print(call.asJson ? JSON.stringify({ sql: text }) : text.trimEnd());
      return 0;
    }
    const databases = await statusOf(call);
    call.print(call.asJson ? JSON.stringify({ databases }) : databases.map(sqlOf).join('\n'));
    return 0;
  },
};

function statusOf(call: Pick<Call, 'environment' | 'stackDirectory'>): Promise<DatabaseStatus[]> {
  const urls = databasesOf(call);
  return Promise.all(BANKS.map((bank) => readStatus(bank, urls[bank])));
}

async function readStatus(bank: Bank, url: string): Promise<DatabaseStatus> {
  const server = parseMysqlUrl(url);
  const { database = '' } = server;
  try {
    const connection = await createConnection({ ...server, connectTimeout: CONNECT_TIMEOUT_MS });
    try {
      const query = async (sql: string): Promise<RowDataPacket[]> =>
        (await connection.query<RowDataPacket[]>({ sql, timeout: CONNECT_TIMEOUT_MS }))[0];
      return { database, pending: await pendingChanges(query, readBankScripts(bank)) };
    } finally {
      connection.destroy();
    }
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      printable(`The tables of ${bank} at ${mysqlPlace(server)} cannot be looked at: ${message}.`),
      UNREADABLE,
    );
  }
}

/** For the mysql client: nothing but comments when there is nothing to do. */
function sqlOf({ database, pending }: DatabaseStatus): string {
  if (pending.length === 0) return `-- ${database}: up to date`;
  return [
    `USE \`${database.replaceAll('`', '``')}\`;`,
    'SET SESSION lock_wait_timeout = 10;',
    ...pending.map(({ name, why, statement }) => `-- ${name}: ${why}\n${statement};`),
  ].join('\n');
}
