import { describe, expect, it } from '@jest/globals';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import type { AtValue } from '../image/at-value.js';
import type { UndoEntry } from '../image/image.js';
import { RowRestorer } from './row.restorer.js';

const column = (name: string, changes: Partial<ColumnMetadata> = {}): ColumnMetadata => ({
  ...{ name, kind: 'integer', jdbcType: 4, typeText: 'int', isPrimaryKey: false, isAutoIncrement: false },
  ...{ isGenerated: false, isOnUpdate: false },
  ...changes,
});
const id = column('id', { isPrimaryKey: true });
const n = column('n');
const twice = column('twice', { isGenerated: true });
const ALL = [id, n, twice];

/** An UPDATE of one row. @param now - what the row holds now @returns the statements that were sent to take it back */
async function restored(
  columns: ColumnMetadata[],
  before: AtValue[],
  after: AtValue[],
  now = after,
): Promise<string[]> {
  const sent: string[] = [];
  const primaryKey = columns.filter(({ isPrimaryKey }) => isPrimaryKey);
  const table: TableMetadata = { name: 't', columns: ALL, primaryKey, obstacles: [], fingerprint: '' };
  const query = (sql: string): Promise<unknown> => {
    sent.push(sql);
    const row = Object.fromEntries(now.map((value, index) => [`at_image_${index}`, value]));
    return Promise.resolve(sql.startsWith('SELECT') ? [row] : { affectedRows: 1, info: 'Rows matched: 1' });
  };
  const entry: UndoEntry = {
    sqlType: 'UPDATE',
    before: { table, columns, rows: [before] },
    after: { table, columns, rows: [after] },
  };
  await new RowRestorer(query, 10).restore(entry);
  return sent.filter((sql) => !sql.startsWith('SELECT'));
}

describe('putting a row back', () => {
  it('sends nothing when the statement has assigned to a generated column alone', async () => {
    expect(await restored([id], ['1'], ['1'])).toEqual([]);
    expect(await restored([id, twice], ['1', '2'], ['1', '2'])).toEqual([]);
  });

  it.each([
    ['datetime', '2026-11-27 09:10:11.000000', '2026-11-27 09:10:11'],
    ['timestamp', '2026-11-27 09:10:11.120000', '2026-11-27 09:10:11.120'],
    ['time', '09:10:11', '09:10:11.000'],
    ['decimal', '1.5', '1.50'],
  ] as const)('finds the row by a key of %s, as Java writes it: %s is %s', async (kind, written, stored) => {
    const key = column('code', { kind, isPrimaryKey: true });
    const sent = await restored([key, n], [written, '5'], [written, '6'], [stored, '6']);
    expect(sent).toEqual([expect.stringMatching(/^UPDATE `t` SET `n` = 5 WHERE/)]);
  });

  it('assigns to the columns that are stored', async () => {
    expect(await restored([id, n, twice], ['1', '5', '10'], ['1', '6', '12'])).toEqual([
      'UPDATE `t` SET `n` = 5 WHERE (`id`) IN ((1))',
    ]);
  });
});
