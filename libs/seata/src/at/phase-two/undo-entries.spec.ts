import { describe, expect, it } from '@jest/globals';
import { LosslessNumber } from 'lossless-json';
import { UndoLogDamagedError, UndoLogForeignError } from '../../errors/at.errors.js';
import type { UndoEntry } from '../image/image.js';
import type { WrittenChange } from '../undo/undo-log.reader.js';
import { UndoEntries } from './undo-entries.js';

const COLUMNS = { id: 'int', is_open: 'tinyint(1)', year_of: 'year', padded: 'int(5) zerofill', day: 'date' };
type Column = keyof typeof COLUMNS;

/** Answers for a table `purse` of these columns in the database `db1`. */
const query =
  (foldsCase: number) =>
  (sql: string): Promise<unknown[]> => {
    if (sql.startsWith('SELECT DATABASE()')) return Promise.resolve([{ name: 'db1', foldsCase }]);
    if (!sql.includes('information_schema')) return Promise.resolve([]);
    return Promise.resolve(
      Object.entries(COLUMNS).map(([name, columnType]) => ({
        ...{ name, columnType, dataType: /^\w+/.exec(columnType)?.[0], extra: '', generation: '' },
        ...{ keyPosition: name === 'id' ? 1 : null, tableName: 'purse', engine: 'InnoDB' },
        ...{ triggers: 0, cascades: 0 },
      })),
    );
  };

/** An INSERT of one row by Java, with this value besides its key. */
const inserted = (name: Column, jdbcType: number, value: unknown, schema?: string): WrittenChange => {
  const id = { name: 'id', jdbcType: 4, value: new LosslessNumber('1') };
  const after = [[id, { name, jdbcType, value }]];
  return { sqlType: 'INSERT', schema, tableName: 'purse', before: [], after };
};

const entryOf = (change: WrittenChange, foldsCase = 0): Promise<UndoEntry> =>
  new UndoEntries(query(foldsCase), 'UTC').entryOf(change);

const one = new LosslessNumber('1');

describe('an undo log, fitted to the table', () => {
  it.each([
    [-7, true],
    [16, true],
    [-6, one],
  ])('has a TINYINT(1) as any setting of Java writes it: JDBC type %d', async (jdbcType, value) => {
    const { after } = await entryOf(inserted('is_open', jdbcType, value));
    expect(after.rows).toEqual([['1', '1']]);
  });

  it('is damaged when a column has another type than before', async () => {
    await expect(entryOf(inserted('is_open', 12, 'true'))).rejects.toThrow(UndoLogDamagedError);
    await expect(entryOf(inserted('day', 91, true))).rejects.toThrow(UndoLogDamagedError);
  });

  it.each<[Column, number, unknown, RegExp]>([
    ['year_of', 91, new LosslessNumber('1767225600000'), /purse.year_of.*none of year/],
    ['padded', 4, new LosslessNumber('5'), /purse.padded.*zerofill/],
    ['is_open', -6, new LosslessNumber('7'), /purse.is_open.*0 or 1/],
    ['day', 91, '1492-10-12', /purse.day.*before 1900/],
  ])('is left to Java for a value that is refused here: %s', async (name, jdbcType, value, reason) => {
    const entry = entryOf(inserted(name, jdbcType, value));
    await expect(entry).rejects.toThrow(UndoLogForeignError);
    await expect(entry).rejects.toThrow(reason);
  });

  it('is left to Java for a table of another database', async () => {
    const change = (schema: string): WrittenChange => inserted('is_open', -7, true, schema);
    await expect(entryOf(change('db1'))).resolves.toMatchObject({ sqlType: 'INSERT' });
    await expect(entryOf(change('db2'))).rejects.toThrow(UndoLogForeignError);
    await expect(entryOf(change('DB1'))).rejects.toThrow(/changes of DB1.purse.*"db1" alone/);
    await expect(entryOf(change('DB1'), 1)).resolves.toMatchObject({ sqlType: 'INSERT' });
  });
});
