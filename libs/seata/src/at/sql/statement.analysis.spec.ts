import { beforeAll, describe, expect, it } from '@jest/globals';
import { AtStatementRefusedError } from '../../errors/at.errors.js';
import { loadSqlParser } from './sql-parser.js';
import { analyseStatement } from './statement.analysis.js';
import { StatementCache } from './statement.cache.js';

describe('the analysis of a statement', () => {
  beforeAll(loadSqlParser);

  it('keeps the words that choose rows, and counts the placeholders before them', () => {
    const sql = "UPDATE `a` AS x SET b = b + ?, x.c = CONCAT('WHERE', ?) -- WHERE ?\n".replace('?\n', '\n');
    expect(
      analyseStatement(`${sql}WHERE x.id = ? AND (d > 1 OR e = 'it''s (') ORDER BY x.id LIMIT ?;`),
    ).toMatchObject({
      kind: 'UPDATE',
      parameters: 4,
      assigned: ['b', 'c'],
      table: { schema: undefined, name: 'a', alias: 'x' },
      rows: {
        text: "WHERE x.id = ? AND (d > 1 OR e = 'it''s (') ORDER BY x.id LIMIT ?",
        parameterOffset: 2,
        hasLimit: true,
        orderBy: ['id'],
        fixedColumns: ['id'],
      },
    });
  });

  it('takes no column for fixed that is fixed in a part alone', () => {
    const fixed = (where: string): unknown =>
      (analyseStatement(`DELETE FROM a WHERE ${where}`) as { rows: { fixedColumns: unknown } }).rows
        .fixedColumns;
    expect(fixed('id = 1 OR b = 2')).toEqual([]);
    expect(fixed('(id = 1) AND 2 = b AND c > 3 AND NOT d = 4')).toEqual(['id', 'b']);
    expect(fixed('id = other')).toEqual([]);
  });

  it('reads an insert value by value', () => {
    expect(
      analyseStatement(
        "INSERT INTO db.a (id, b, c) VALUES (?, NOW(3), NULL), (DEFAULT, 'it''s', ? + 1), (-1, 7, ?)",
      ),
    ).toMatchObject({
      kind: 'INSERT',
      table: { schema: 'db', name: 'a' },
      columns: ['id', 'b', 'c'],
      values: [
        [{ kind: 'PARAMETER', index: 0 }, { kind: 'EXPRESSION' }, { kind: 'NULL' }],
        [{ kind: 'DEFAULT' }, { kind: 'LITERAL', text: "it's" }, { kind: 'EXPRESSION' }],
        [{ kind: 'EXPRESSION' }, { kind: 'LITERAL', text: '7' }, { kind: 'PARAMETER', index: 2 }],
      ],
    });
  });

  it('tells plain reads from those that lock', () => {
    expect(analyseStatement('SELECT COUNT(*), a.b FROM a JOIN b ON a.id = b.id GROUP BY a.b')).toMatchObject({
      kind: 'PLAIN_SELECT',
      functions: ['COUNT'],
    });
    expect(analyseStatement('WITH q AS (SELECT 1) SELECT * FROM q UNION SELECT 2').kind).toBe('PLAIN_SELECT');
    expect(
      analyseStatement('SELECT `a`.`id` AS `a_id` FROM `t` `a` WHERE ((`a`.`id` = ?)) LIMIT 1 FOR UPDATE'),
    ).toMatchObject({
      kind: 'SELECT_FOR_UPDATE',
      table: { name: 't', alias: 'a' },
      rows: { text: 'WHERE ((`a`.`id` = ?)) LIMIT 1', fixedColumns: ['id'], hasLimit: true },
    });
  });

  it.each([
    'UPDATE a SET b = 1 WHERE id = 5--3 OR 1 = 1',
    'UPDATE a SET b = 1 /* /* */ WHERE id = 1',
    'UPDATE a SET b = 1 /*! WHERE id = 1 */',
    'SELECT /*+ SET_VAR(sql_safe_updates = 0) */ 1',
    "UPDATE a SET b = '?' WHERE id = ?",
    'UPDATE a SET ?? = ? WHERE id = 1',
    'UPDATE a PARTITION (p0) SET b = 1',
    'DELETE QUICK FROM a WHERE id = 1',
    'DELETE a FROM a JOIN b',
    'DELETE FROM a USING a',
    'INSERT INTO a SET b = 1',
    'INSERT DELAYED INTO a VALUES (1)',
    'INSERT INTO a VALUES (1) AS new',
    'INSERT INTO a (b) VALUES ((SELECT 1))',
    'INSERT INTO a (b) VALUES (LAST_INSERT_ID(5))',
    'INSERT INTO a (b) VALUES (other.f())',
    'WITH x AS (SELECT 1) UPDATE a SET b = 1',
    'SELECT * FROM a WHERE id IN (SELECT 1 FROM b FOR UPDATE)',
    'SELECT * FROM a LOCK IN SHARE MODE',
    'SELECT * FROM a UNION SELECT * FROM b FOR UPDATE',
    '(SELECT * FROM a FOR UPDATE)',
    'SELECT DISTINCT b FROM a FOR UPDATE',
    'SELECT * FROM a GROUP BY b FOR UPDATE',
    'SELECT * FROM a INTO @x',
    'EXPLAIN DELETE FROM a',
    'SAVEPOINT x',
    'COMMIT',
    'DO SLEEP(1)',
    '',
    "SELECT 'unended",
  ])('refuses %s', (sql) => {
    expect(() => analyseStatement(sql)).toThrow(AtStatementRefusedError);
  });

  it('is made once for each text', () => {
    const cache = new StatementCache();
    expect(cache.analyse('SELECT 1')).toBe(cache.analyse('SELECT 1'));
    for (let number = 0; number < 600; number++) cache.analyse(`SELECT ${number}`);
    expect((cache as unknown as { known: Map<string, unknown> }).known.size).toBe(500);
  });
});
