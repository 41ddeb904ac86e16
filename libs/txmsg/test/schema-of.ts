import type { Connection, RowDataPacket } from 'mysql2/promise';

const QUERIES = [
  `SELECT TABLE_NAME AS t, COLUMN_NAME AS c, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME
   FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY t, c`,
  `SELECT TABLE_NAME AS t, INDEX_NAME AS i, SEQ_IN_INDEX AS n, COLUMN_NAME, NON_UNIQUE, SUB_PART, IS_VISIBLE, EXPRESSION
   FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY t, i, n`,
  `SELECT CONSTRAINT_NAME AS c, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
   WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY c`,
  `SELECT TABLE_NAME AS t, ENGINE, TABLE_COLLATION FROM information_schema.TABLES
   WHERE TABLE_SCHEMA = DATABASE() ORDER BY t`,
];

/** All that distinguishes two databases' tables, but for the order of columns. */
export async function schemaOf(connection: Connection): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const sql of QUERIES) rows.push((await connection.query<RowDataPacket[]>(sql))[0]);
  return rows;
}
