import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { DatabaseTransactions } from '../database/index.js';
import { DueRows } from './due-rows.js';
import { backOff, ladder, type Pause } from './pause.js';

interface Row {
  readonly tx_no: string;
  readonly tries: number;
}

const MINUTE_MS = 60_000;

describe('DueRows', () => {
  let direct: DataSource;

  const rowsWith = (pause: (times: number) => Pause, youngestMs?: number): DueRows<Row> =>
    new DueRows<Row>(new DatabaseTransactions(direct), {
      name: 'errand',
      columns: ['tx_no', 'tries'],
      key: 'tx_no',
      underWay: "state = 'OPEN'",
      due: 'due_at',
      index: 'state_due_at',
      ...(youngestMs === undefined ? {} : { youngest: { column: 'create_time', ms: youngestMs } }),
      pause: ({ tries }) => pause(tries),
    });
  const insert = (txNo: string, dueInMs: number, tries = 0): Promise<unknown> =>
    direct.query(
      `INSERT INTO errand (tx_no, tries, due_at, create_time)
       VALUES (?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND, UTC_TIMESTAMP(3) - INTERVAL 30 SECOND)`,
      [txNo, tries, dueInMs * 1000],
    );
  const txNosOf = (claimed: readonly { readonly row: Row }[]): string[] =>
    claimed.map(({ row }) => row.tx_no).sort();
  /** In whole minutes from now. */
  const minutesUntilDue = async (txNo: string): Promise<number> => {
    const [row] = await direct.query<{ minutes: unknown }[]>(
      'SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), due_at) / 60) AS minutes FROM errand WHERE tx_no = ?',
      [txNo],
    );
    return Number(row?.minutes);
  };

  beforeAll(async () => {
    direct = await openDataSource(await createLibraryDatabase('due_rows'));
    await direct.query(
      `CREATE TABLE IF NOT EXISTS errand (
         tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin PRIMARY KEY,
         state ENUM('OPEN', 'ENDED') NOT NULL DEFAULT 'OPEN',
         tries INT NOT NULL,
         due_at DATETIME(3) NOT NULL,
         create_time DATETIME(3) NOT NULL,
         KEY state_due_at (state, due_at))`,
    );
  });
  afterAll(() => direct.destroy());
  beforeEach(() => direct.query('DELETE FROM errand'));

  it('claims what is due, once, and each again after its own pause', async () => {
    await insert('new', -1);
    await insert('old', -1, 2);
    await insert('later', MINUTE_MS);
    const rows = rowsWith(backOff(MINUTE_MS, 60 * MINUTE_MS));
    expect(txNosOf(await rows.claim())).toEqual(['new', 'old']);
    expect(await rows.claim()).toEqual([]);
    expect([await minutesUntilDue('new'), await minutesUntilDue('old')]).toEqual([1, 4]);
  });

  it('leaves alone what has ended, and what is too young', async () => {
    await insert('ended', -1);
    await direct.query("UPDATE errand SET state = 'ENDED'");
    await insert('young', -1);
    expect(await rowsWith(backOff(1, 1), MINUTE_MS).claim()).toEqual([]);
    expect(txNosOf(await rowsWith(backOff(1, 1), 10_000).claim())).toEqual(['young']);
  });

  it('gives each row to one of several instances', async () => {
    const txNos = Array.from({ length: 120 }, (_, index) => `t-${String(index).padStart(3, '0')}`);
    for (const txNo of txNos) await insert(txNo, -1);
    const rows = rowsWith(backOff(60 * MINUTE_MS, 60 * MINUTE_MS));
    const claimed: string[] = [];
    // An instance that finds every due row locked gets none, so that one round may leave some to the next.
    for (let round = 0; round < 20 && claimed.length < txNos.length; round++) {
      const rounds = await Promise.all([rows.claim(), rows.claim(), rows.claim()]);
      claimed.push(...rounds.flatMap(txNosOf));
    }
    expect(claimed.sort()).toEqual(txNos);
  });

  it('says when the schedule has no further step, and goes on saying so until the row has ended', async () => {
    await insert('t-1', -1, 1);
    const rows = rowsWith(ladder([1]));
    const isLast = async (): Promise<unknown> => await rows.claimOne('t-1');
    expect(await isLast()).toMatchObject({ isLast: true });
    expect(await isLast()).toMatchObject({ isLast: true });
    await direct.query("UPDATE errand SET state = 'ENDED'");
    expect(await isLast()).toBe('ENDED');
  });

  it('claims one that is named although it is not due, and knows when there is none', async () => {
    await insert('t-1', 10 * MINUTE_MS);
    const rows = rowsWith(backOff(MINUTE_MS, MINUTE_MS));
    await expect(rows.claimOne('t-1')).resolves.toMatchObject({ row: { tx_no: 't-1' }, isLast: false });
    expect(await minutesUntilDue('t-1')).toBe(1);
    await expect(rows.claimOne('other')).resolves.toBe('NOT_FOUND');
  });
});
