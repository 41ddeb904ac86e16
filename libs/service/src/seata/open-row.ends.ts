import { Deadline, type DatabaseTransactions } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { ServiceSettings } from '../configuration/service-settings.js';
import type { BoundedRead } from '../database/bounded-read.js';
import { PeriodicWork } from '../scheduling/periodic-work.js';
import type { SeataSettings } from './seata-settings.js';

/** After its timeout, a global transaction's phase one at this service may run for so long, at the most: see session settings. */
const MARGIN_MS = 15_000;
const COUNT_MAX = 100;
const TIMEOUT_MS = 5000;

/** The row of a thing that a global transaction makes: opened before any branch, and locked by the try or by phase one of AT. */
export interface OpenRow {
  readonly txNo: string;
  readonly xid: string;
}

/** The statements on the table of such rows, each in the transaction of the EntityManager that it is given. */
export interface OpenRows {
  /** Open ones that began longer ago and have no try here, which phase two ends. Under AT, one whose phase one has taken effect is not open. */
  openSince(manager: EntityManager, olderThanMs: number, countMax: number): Promise<OpenRow[]>;
  /** Ends the row as rolled back. Under AT, a row whose phase one has taken effect is not open. @returns whether it was open */
  rollBackIfOpen(manager: EntityManager, row: OpenRow): Promise<boolean>;
}

/** The rows of this table, with columns tx_no, xid, state and begin_time, that `OpenRows.openSince` is about; the oldest first. */
export function openRowsSince(
  manager: EntityManager,
  table: string,
  olderThanMs: number,
  countMax: number,
): Promise<OpenRow[]> {
  return manager.query<OpenRow[]>(
    `SELECT tx_no AS txNo, xid FROM ${table} t
     WHERE state = 'OPEN' AND begin_time < CURRENT_TIMESTAMP(3) - INTERVAL ? MICROSECOND
       AND NOT EXISTS (SELECT 1 FROM tcc_fence_log f WHERE f.xid = t.xid AND f.status = 1)
     ORDER BY begin_time LIMIT ?`,
    [olderThanMs * 1000, countMax],
  );
}

/**
 * Ends a row as rolled back, unless a try of its global transaction took effect here, which its phase two will end. The row is
 * changed, and so locked, before the fence is looked at: a try that comes in between waits for the row, finds it ended, and
 * refuses. Looked at the other way round, it could commit in between, and the row would be ended under it.
 * @returns whether it was open, and is ended now
 */
export function rollBackUnlessTried(
  transactions: Pick<DatabaseTransactions, 'run'>,
  rows: Pick<OpenRows, 'rollBackIfOpen'>,
  row: OpenRow,
): Promise<boolean> {
  return transactions.run<boolean>(
    async ({ entityManager }) => {
      const wasOpen = await rows.rollBackIfOpen(entityManager, row);
      if (wasOpen && (await isTried(entityManager, row))) return { decision: 'ROLLBACK', value: false };
      return { decision: 'COMMIT', value: wasOpen };
    },
    { deadline: Deadline.in(TIMEOUT_MS), txNos: [row.txNo] },
  );
}

async function isTried(manager: EntityManager, { xid }: OpenRow): Promise<boolean> {
  const fences = await manager.query<object[]>(
    'SELECT 1 FROM tcc_fence_log WHERE xid = ? AND status = 1 LIMIT 1',
    [xid],
  );
  return fences.length > 0;
}

export interface OpenRowEndsOptions {
  readonly transactions: Pick<DatabaseTransactions, 'run'>;
  readonly read: BoundedRead;
  readonly rows: OpenRows;
  /** In ms; 0: there are no rounds. */
  readonly intervalMs: number;
  /** What a row stands for, as a noun for the log. */
  readonly what: string;
}

/**
 * Ends rows whose process stopped before anything took effect: nobody else would, since without a branch the coordinator calls
 * nobody. One whose try, or phase one of AT, has taken effect is ended by that branch's phase two and is left alone; a try that
 * comes later finds the row ended, and is refused.
 */
export abstract class OpenRowEnds extends PeriodicWork {
  constructor(
    private readonly options: OpenRowEndsOptions,
    private readonly settings: ServiceSettings & Pick<SeataSettings, 'globalTimeoutMs'>,
  ) {
    super({ intervalMs: options.intervalMs }, settings);
  }

  protected async round(): Promise<void> {
    const { transactions, read, rows, what } = this.options;
    const olderThanMs = this.settings.globalTimeoutMs + MARGIN_MS;
    const open = await read.run((manager) => rows.openSince(manager, olderThanMs, COUNT_MAX));
    for (const row of open) {
      if (this.isStopping) return;
      try {
        if (!(await rollBackUnlessTried(transactions, rows, row))) continue;
        this.logger.log(`a ${what} that took no effect before its time ended is rolled back`, row);
      } catch (error) {
        this.logger.warn(
          `a ${what} could not be ended; tried again in the next round: ${String(error)}`,
          row,
        );
      }
    }
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(
      `Open ${this.options.what}s could not be looked through; retried in the next round: ${String(error)}`,
    );
  }
}
