import { AuditUnreadableError } from './audit.error.js';
import { compareTxNos, type BookedTransfer } from './books.js';

/** The rows that the sources have under one txNo; undefined where a source has none. */
export type JoinedRow<Sources extends readonly unknown[]> = {
  readonly [Index in keyof Sources]: BookedTransfer | undefined;
};

/**
 * Walks through several sources that are ordered by txNo, side by side, with one row of each in memory.
 * @throws AuditUnreadableError when a source is out of order, which would otherwise look like missing rows
 */
export async function* mergeJoin<Sources extends readonly AsyncIterable<BookedTransfer>[]>(
  sources: Sources,
): AsyncGenerator<JoinedRow<Sources>> {
  const cursors = sources.map((source) => new Cursor(source[Symbol.asyncIterator]()));
  try {
    for (const cursor of cursors) await cursor.advance();
    for (;;) {
      const txNo = leastTxNo(cursors);
      if (txNo === undefined) return;
      yield cursors.map(({ row }) => (row?.txNo === txNo ? row : undefined)) as JoinedRow<Sources>;
      for (const cursor of cursors) {
        if (cursor.row?.txNo === txNo) await cursor.advance();
      }
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

class Cursor {
  row: BookedTransfer | undefined;

  constructor(private readonly rows: AsyncIterator<BookedTransfer>) {}

  async advance(): Promise<void> {
    const before = this.row;
    const next = await this.rows.next();
    this.row = next.done === true ? undefined : next.value;
    if (before !== undefined && this.row !== undefined && compareTxNos(before.txNo, this.row.txNo) >= 0) {
      throw new AuditUnreadableError(
        `The transfers are out of order: ${before.txNo} stands before ${this.row.txNo}.`,
      );
    }
  }

  async close(): Promise<void> {
    await this.rows.return?.();
  }
}

function leastTxNo(cursors: readonly Cursor[]): string | undefined {
  let least: string | undefined;
  for (const { row } of cursors) {
    if (row !== undefined && (least === undefined || compareTxNos(row.txNo, least) < 0)) least = row.txNo;
  }
  return least;
}
