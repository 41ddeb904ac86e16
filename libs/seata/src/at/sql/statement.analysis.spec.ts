import { beforeAll, describe, expect, it } from '@jest/globals';
import { AtStatementRefusedError } from '../../errors/at.errors.js';
import { loadSqlParser } from './sql-parser.js';
import { analyseStatement } from './statement.analysis.js';
import { StatementCache } from './statement.cache.js';
import type { DeleteStatement, FixedColumn } from './statement.js';

const fixed = (where: string): readonly FixedColumn[] =>
  (analyseStatement(`DELETE FROM a WHERE ${where}`) as DeleteStatement).rows.fixedColumns;

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
        fixedColumns: [{ name: 'id', value: { parameter: 2 } }],
      },
    });
  });

  it('takes no column for fixed that is fixed in a part alone', () => {
    expect(fixed('id = 1 OR b = 2').map(({ name }) => name)).toEqual([]);
    expect(fixed('(id = 1) AND 2 = b AND c > 3 AND NOT d = 4').map(({ name }) => name)).toEqual(['id', 'b']);
    expect(fixed('id = other')).toEqual([]);
    expect(fixed('id = 1 AND (b = 2 OR c XOR d || e)').map(({ name }) => name)).toEqual(['id']);
    expect(fixed('id = 1 AND (b = 2 AND c XOR d)').map(({ name }) => name)).toEqual(['id']);
  });

  it.each([
    'id = 1 AND b XOR c',
    'b XOR c AND id = 1',
    'id = 1 AND b || c',
    '(id = 1 AND b || c)',
    'id = 1 AND b DIV c OR d',
    'id = 1 AND BINARY b = 2 OR d',
  ])('takes no column for fixed in %s, which MySQL and the parser read differently', (where) => {
    expect(fixed(where)).toEqual([]);
  });

  it('tells what each column is compared with', () => {
    const sql =
      "a IN (?, ?) AND b = ? AND CASE WHEN c = ? THEN ? ELSE 1 END = ? AND ? = d AND e = 'it''s' AND f = 007";
    expect(fixed(`${sql} AND g = 1.5 AND h = TRUE`)).toEqual([
      { name: 'b', value: { parameter: 2 } },
      { name: 'd', value: { parameter: 6 } },
      { name: 'e', value: { literal: "it's" } },
      { name: 'f', value: { literal: 7n } },
      { name: 'g', value: { literal: undefined } },
      { name: 'h', value: { literal: undefined } },
    ]);
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
      rows: {
        text: 'WHERE ((`a`.`id` = ?)) LIMIT 1',
        fixedColumns: [{ name: 'id', value: { parameter: 0 } }],
        hasLimit: true,
      },
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

  it.each([
    'UTC_TIMESTAMP',
    'utc_date',
    'UTC_TIME',
    'LOCALTIME',
    'LOCALTIMESTAMP',
    'CURRENT_TIMESTAMP',
    'CURRENT_DATE',
    'CURRENT_TIME',
    'CURRENT_USER',
    '@x',
    '@`x y`',
    '@@auto_increment_increment',
    '@@session.auto_increment_increment',
    '@@global.`auto_increment_increment`',
  ])('refuses %s without brackets where it chooses rows', (name) => {
    const deletion = (where: string) => () => analyseStatement(`DELETE FROM a WHERE ${where}`);
    expect(deletion(`b = ${name}`)).toThrow(AtStatementRefusedError);
    expect(deletion(`c = 1 OR b IN (1, ${name} + 1)`)).toThrow(AtStatementRefusedError);
    expect(deletion(`id = 1 ORDER BY ${name}`)).toThrow(AtStatementRefusedError);
  });

  it('takes a column with the name of a function, when it is quoted or comes after its table', () => {
    expect(fixed('`UTC_DATE` = 1 AND a.utc_time = 2 AND `@x` = 3').map(({ name }) => name)).toEqual([
      'UTC_DATE',
      'utc_time',
      '@x',
    ]);
  });

  it('takes functions without brackets as new values, and no variables', () => {
    expect(analyseStatement('UPDATE a SET b = UTC_TIMESTAMP, c = CURRENT_USER WHERE id = 1').kind).toBe(
      'UPDATE',
    );
    expect(() => analyseStatement('UPDATE a SET b = @@session.sql_mode WHERE id = 1')).toThrow(/variable/);
  });

  it('is made once for each text', () => {
    const cache = new StatementCache();
    expect(cache.analyse('SELECT 1')).toBe(cache.analyse('SELECT 1'));
    for (let number = 0; number < 600; number++) cache.analyse(`SELECT ${number}`);
    expect((cache as unknown as { known: Map<string, unknown> }).known.size).toBe(500);
  });
});
