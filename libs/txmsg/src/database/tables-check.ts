import type { DataSource } from 'typeorm';
import { isMissingTable, isPrivilegeMissing, isSchemaMismatch } from './mysql-errors.js';

type Right = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** A table of this library, with the rights that its statements need and a column to name in an UPDATE. */
export interface RequiredTable {
  readonly name: string;
  readonly column: string;
  readonly rights: readonly Right[];
}

const ALL_RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/** What every service needs. */
export const COMMON_TABLES: readonly RequiredTable[] = [
  { name: 'txmsg_identity', column: 'database_id', rights: ['SELECT', 'INSERT'] },
  { name: 'txmsg_scope', column: 'topic', rights: ['SELECT', 'INSERT'] },
  { name: 'de_duplication', column: 'outcome', rights: ALL_RIGHTS },
  { name: 'local_message', column: 'state', rights: ALL_RIGHTS },
];

/** What a service that consumes messages needs besides. */
export const DEAD_LETTER_TABLES: readonly RequiredTable[] = [
  { name: 'dead_letter', column: 'state', rights: ['SELECT', 'INSERT', 'UPDATE'] },
  { name: 'dead_letter_action', column: 'action', rights: ['SELECT', 'INSERT'] },
];

/** What a service with durable jobs needs besides. */
export const JOB_TABLES: readonly RequiredTable[] = [
  { name: 'durable_job', column: 'state', rights: ALL_RIGHTS },
];

/**
 * One sentence for the tables that the database lacks, one for the rights that the account lacks, and one for each
 * table that is not as its statements need it. MySQL checks all of that before it explains a statement, so nothing is
 * written.
 * @throws when the database is away
 */
export async function checkTables(
  dataSource: Pick<DataSource, 'query'>,
  tables: readonly RequiredTable[],
): Promise<string[]> {
  const missing: string[] = [];
  const denied: string[] = [];
  const unfit: string[] = [];
  for (const table of tables) {
    const lacks: Right[] = [];
    for (const right of table.rights) {
      const finding = await explain(dataSource, statement(table, right));
      if (finding === 'NO TABLE') missing.push(table.name);
      if (finding === 'NO RIGHT') lacks.push(right);
      if (typeof finding === 'object') unfit.push(unfitSentence(table.name, finding.reason));
      if (finding === 'NO TABLE' || typeof finding === 'object') break;
    }
    if (lacks.length > 0) denied.push(`${lacks.join(', ')} on ${table.name}`);
  }
  return [
    ...(missing.length === 0
      ? []
      : [
          `The database lacks ${missing.join(', ')}: run the package's sql/txmsg.sql in it ("npx txmsg sql" prints it), which creates what is missing.`,
        ]),
    ...(denied.length === 0
      ? []
      : [`The database account lacks ${denied.join('; ')}: have MySQL's administrator GRANT it.`]),
    ...unfit,
  ];
}

function unfitSentence(table: string, reason: string): string {
  return `The table ${table} is not as this version needs it (${reason}). Run the package's sql/txmsg.sql ("npx txmsg sql" prints it), which brings the library's own tables up to date; a table of another program under this name must be renamed.`;
}

function statement({ name, column }: RequiredTable, right: Right): string {
  switch (right) {
    case 'SELECT':
      return `SELECT ${column} FROM ${name} LIMIT 1`;
    case 'INSERT':
      return `INSERT INTO ${name} (${column}) VALUES (NULL)`;
    case 'UPDATE':
      return `UPDATE ${name} SET ${column} = NULL WHERE FALSE`;
    case 'DELETE':
      return `DELETE FROM ${name} WHERE FALSE`;
  }
}

async function explain(
  dataSource: Pick<DataSource, 'query'>,
  sql: string,
): Promise<'FINE' | 'NO TABLE' | 'NO RIGHT' | { readonly reason: string }> {
  try {
    await dataSource.query(`EXPLAIN ${sql}`);
    return 'FINE';
  } catch (error) {
    if (isMissingTable(error)) return 'NO TABLE';
    if (isPrivilegeMissing(error)) return 'NO RIGHT';
    if (isSchemaMismatch(error)) return { reason: (error as Error).message };
    throw error;
  }
}
