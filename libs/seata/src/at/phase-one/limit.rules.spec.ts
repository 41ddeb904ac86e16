import { beforeAll, describe, expect, it } from '@jest/globals';
import { AtStatementRefusedError } from '../../errors/at.errors.js';
import { loadSqlParser } from '../sql/sql-parser.js';
import { analyseStatement } from '../sql/statement.analysis.js';
import type { DeleteStatement, LockingSelect, UpdateStatement } from '../sql/statement.js';
import { refusalOf } from '../sql/statement.rules.js';
import type { ColumnKind } from '../table/column-kind.js';
import type { TableMetadata } from '../table/table-metadata.js';
import { assertSameRows } from './limit.rules.js';

const table = (kind: ColumnKind): TableMetadata =>
  ({ name: 'a', primaryKey: [{ name: 'code', kind }] }) as unknown as TableMetadata;

/** Whether a statement is accepted, with `code` as the primary key. */
const isTaken = (kind: ColumnKind, sql: string, ...parameters: unknown[]): boolean => {
  const statement = analyseStatement(sql) as UpdateStatement | DeleteStatement | LockingSelect;
  try {
    assertSameRows(statement, table(kind), parameters, refusalOf(sql));
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AtStatementRefusedError);
    return false;
  }
};

describe('a statement with LIMIT', () => {
  beforeAll(loadSqlParser);

  it.each<[ColumnKind, unknown]>([
    ['text', '5'],
    ['integer', 5],
    ['integer', 5n],
    ['integer', '9007199254740993'],
    ['decimal', '1.50'],
    ['decimal', 5],
    ['date', '2020-01-01'],
  ])('names its row by a key of %s with the parameter %p', (kind, key) => {
    expect(isTaken(kind, 'DELETE FROM a WHERE n > ? AND code = ? LIMIT 1', 0, key)).toBe(true);
    expect(isTaken(kind, 'SELECT * FROM a WHERE code = ? LIMIT 1 FOR UPDATE', key)).toBe(true);
  });

  it.each<[ColumnKind, unknown]>([
    ['text', 5],
    ['text', true],
    ['text', Buffer.from('5')],
    ['integer', 1.5],
    ['integer', '5a'],
    ['decimal', '1234567890.123456'],
    ['date', 20200101],
  ])('names more than one row by a key of %s with the parameter %p, and is refused', (kind, key) => {
    expect(isTaken(kind, 'UPDATE a SET n = ? WHERE n = ? AND code = ? LIMIT 1', 'x', 'x', key)).toBe(false);
    expect(isTaken(kind, 'SELECT * FROM a WHERE code = ? LIMIT 1 FOR UPDATE', key)).toBe(false);
    expect(isTaken(kind, 'SELECT * FROM a WHERE code = ? ORDER BY code LIMIT 1 FOR UPDATE', key)).toBe(true);
    expect(isTaken(kind, 'DELETE FROM a WHERE code = ?', key)).toBe(true);
  });

  it('names no row by a key that MySQL does not join by AND', () => {
    for (const where of ['code = 5 AND n XOR m', 'code = 5 AND n || m', 'code = 5 AND n DIV 2 OR m']) {
      expect(isTaken('integer', `UPDATE a SET n = 1 WHERE ${where} LIMIT 1`)).toBe(false);
      expect(isTaken('integer', `SELECT * FROM a WHERE ${where} LIMIT 1 FOR UPDATE`)).toBe(false);
    }
    expect(isTaken('integer', 'DELETE FROM a WHERE code = 5 AND (n XOR m || n OR m) LIMIT 1')).toBe(true);
  });

  it('has the same rules for literals', () => {
    expect(isTaken('text', "DELETE FROM a WHERE code = '5' LIMIT 1")).toBe(true);
    expect(isTaken('text', 'DELETE FROM a WHERE code = 5 LIMIT 1')).toBe(false);
    expect(isTaken('integer', 'DELETE FROM a WHERE code = 5 LIMIT 1')).toBe(true);
    expect(isTaken('integer', 'DELETE FROM a WHERE code = 9e15 LIMIT 1')).toBe(false);
  });
});
