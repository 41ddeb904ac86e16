/** A txNo, account number or other identifier, typed as its column is, so that the column's key can be used. */
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
