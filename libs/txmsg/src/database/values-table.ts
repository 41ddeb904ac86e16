import type { EntityManager } from 'typeorm';
import { isRefused } from './mysql-errors.js';

/** A txNo or another identifier, typed as its column is, so that the column's key can be used. */
export const IDENTIFIER = 'CAST(? AS CHAR(64) CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin';

/**
 * Rows of parameters as a table that others are joined to with STRAIGHT_JOIN and FORCE INDEX. MySQL then goes through
 * the other table's key row by row, in the order given, and locks nothing else. With `IN (…)` it reads, and locks, the
 * whole of a table that it takes for small.
 * @param columns - name to placeholder, for example `{ tx_no: IDENTIFIER, amount: 'CAST(? AS DECIMAL(19,2))' }`
 */
export function valuesTable(name: string, columns: Readonly<Record<string, string>>, rows: number): string {
  const row = `ROW(${Object.values(columns).join(', ')})`;
  return `(VALUES ${Array<string>(rows).fill(row).join(', ')}) AS ${name} (${Object.keys(columns).join(', ')})`;
}

/**
 * For a WHERE clause: fails the whole statement at the first row that does not meet the condition, so that it changes all
 * rows or none. MySQL then reads a text that is no UUID as one, which is an error in every `sql_mode`; there is no plainer
 * way outside of stored programs. `updateAllOrNone` recognises the error; the transaction can go on.
 * @param condition - NULL counts as not met: with LEFT JOIN, a row that is not there fails the statement too
 * @param text - a column of the row, with any text that is no UUID: a constant could be evaluated for no row at all
 */
export function eachMust(condition: string, text: string): string {
  return `IF(${condition}, TRUE, UUID_TO_BIN(COALESCE(${text}, 'NONE')) IS NULL)`;
}

/**
 * Sends an UPDATE whose WHERE clause is of `eachMust`. False when a row did not meet the condition: then nothing was changed.
 * @param rows - how many it is to change
 * @throws Error when it changed another number of rows, so that the caller's transaction is rolled back
 */
export async function updateAllOrNone(
  entityManager: EntityManager,
  sql: string,
  parameters: unknown[],
  rows: number,
): Promise<boolean> {
  try {
    const { affectedRows } = await entityManager.query<{ affectedRows: number }>(sql, parameters);
    if (affectedRows === rows) return true;
    throw new Error(`an UPDATE of ${rows} rows changed ${affectedRows}; it is to change all or none`);
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}
