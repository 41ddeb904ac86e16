import { MysqlUrlError } from '../database/mysql-url.js';
import {
  pendingSql,
  readSchemaStatus,
  SchemaUnreadableError,
  txmsgSql,
  type SchemaScript,
  type SchemaStatus,
} from '../schema/index.js';
import { CommandError, UsageError } from './command.error.js';
import type { Call, Command, Options } from './command.js';

const UNREADABLE = 3;

/** One database to look at. */
export interface SchemaDatabase {
  /** `mysql://user:password@host:port/database` */
  readonly url: string;
  /** What it should have. @default the library's own tables */
  readonly script?: SchemaScript;
  /** Where the URL comes from, such as the name of a variable; for messages. */
  readonly from?: string;
}

/** Which databases `status` and `sql --pending` look at. */
export interface SchemaDatabases<ProgramCall extends Call> {
  /** How the program is called, for its advice. */
  readonly program: string;
  /** For the help: where the URLs come from. */
  readonly meaning: string;
  /** Options that `find` reads. */
  readonly options: Options;
  /** The databases of this call. @throws UsageError, CommandError */
  readonly find: (call: ProgramCall) => readonly SchemaDatabase[];
}

/** `status` and `sql`. They read the databases directly, so they work while no service runs. */
export function schemaCommands<ProgramCall extends Call>(
  databases: SchemaDatabases<ProgramCall>,
): readonly [status: Command<ProgramCall>, sql: Command<ProgramCall>] {
  const { program, meaning, options } = databases;
  const status: Command<ProgramCall> = {
    words: ['status'],
    parameters: [],
    summary: `Says what the tables still need before this version can start; ${meaning}.`,
    options,
    run: async (call) => {
      const found = await statusOf(databases.find(call));
      call.print(call.asJson ? JSON.stringify({ databases: found }) : statusText(found, program));
      return isUpToDate(found) ? 0 : 1;
    },
  };
  const sql: Command<ProgramCall> = {
    words: ['sql'],
    parameters: [],
    summary: "Prints the SQL of the library's tables, which may be run again at any time.",
    options: {
      pending: {
        meaning: `print only what the tables still need, for an account that may alter them; ${meaning}`,
      },
      ...options,
    },
    run: async (call) => {
      if (!call.switches.has('pending')) {
        const text = txmsgSql();
        call.print(call.asJson ? JSON.stringify({ sql: text }) : text.trimEnd());
        return 0;
      }
      const found = await statusOf(databases.find(call));
      call.print(call.asJson ? JSON.stringify({ databases: found }) : found.map(pendingSql).join('\n'));
      return 0;
    },
  };
  return [status, sql];
}

function isUpToDate(databases: readonly SchemaStatus[]): boolean {
  return databases.every(({ pending }) => pending.length === 0);
}

function statusText(databases: readonly SchemaStatus[], program: string): string {
  const lines = databases.flatMap(({ database, pending }) => [
    `${database}: ${pending.length === 0 ? 'up to date' : `${pending.length} changes are needed`}`,
    ...pending.map(({ name, why }) => `- ${name}: ${why}`),
  ]);
  const advice = `Make them before the new version starts: "${program} sql --pending" prints them.`;
  return [...lines, ...(isUpToDate(databases) ? [] : [advice])].join('\n');
}

function statusOf(databases: readonly SchemaDatabase[]): Promise<SchemaStatus[]> {
  return Promise.all(databases.map(statusOfOne));
}

async function statusOfOne({ url, script, from }: SchemaDatabase): Promise<SchemaStatus> {
  try {
    return await readSchemaStatus(url, script);
  } catch (error) {
    if (error instanceof MysqlUrlError) throw new UsageError(error.message);
    if (!(error instanceof SchemaUnreadableError)) throw error;
    const origin = from === undefined ? '' : ` The address is that of ${from}.`;
    throw new CommandError(`${printable(error.message)}${origin}`, UNREADABLE);
  }
}

/** What a server answered never reaches the terminal as a control sequence. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}');
}
