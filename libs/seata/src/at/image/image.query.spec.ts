import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadSqlParser } from '../sql/sql-parser.js';
import { analyseStatement } from '../sql/statement.analysis.js';
import { tokensOf } from '../sql/statement.lexer.js';
import type { DeleteStatement, LockingSelect, UpdateStatement } from '../sql/statement.js';
import type { TableMetadata } from '../table/table-metadata.js';
import { ImageQuery } from './image.query.js';

const table = { name: 'purse', columns: [], primaryKey: [] } as unknown as TableMetadata;

/** The words with which the query of a statement's before image ends, its comments left out. */
async function lastWords(sql: string): Promise<string[]> {
  const statement = analyseStatement(sql) as UpdateStatement | DeleteStatement | LockingSelect;
  const sent: string[] = [];
  const query = (text: string): Promise<unknown[]> => {
    sent.push(text);
    return Promise.resolve([]);
  };
  await new ImageQuery(query, 10).chosenRows(table, [], statement.table, statement.rows, [1]);
  expect(sent).toHaveLength(1);
  return tokensOf(sent[0] ?? '')
    .map(({ text }) => text)
    .slice(-6);
}

describe('the image of the rows that a statement chooses', () => {
  beforeAll(loadSqlParser);

  it.each([
    'UPDATE purse SET balance = 0 WHERE id = ?',
    'UPDATE purse SET balance = 0 WHERE id = ? -- by hand',
    'UPDATE purse SET balance = 0 WHERE id = ? # by hand\n',
    'DELETE FROM purse WHERE id = ? -- by hand\n;',
    'SELECT * FROM purse WHERE id = ? -- by hand\nFOR UPDATE',
    'SELECT * FROM purse WHERE id = ? # by hand\nFOR UPDATE -- at last',
  ])('locks them, and bounds their number: %j', async (sql) => {
    expect(await lastWords(sql)).toEqual(['=', '?', 'LIMIT', '11', 'FOR', 'UPDATE']);
  });
});
