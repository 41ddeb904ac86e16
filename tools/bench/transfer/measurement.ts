import type { RowDataPacket } from 'mysql2/promise';
import type { BenchWorld } from './bench-world.js';
import { ascending, quantile } from './figures.js';
import { load, type LoadResult } from './http-load.js';
import { mysqlUsage } from './mysql-usage.js';
import { cpuMs, peakMb } from './process-usage.js';
import { accountNo, ACCOUNTS, type Side } from './side.js';
import { TransferBooks, type Books } from './transfer-books.js';

export type Accounts = 'many' | 'hot';

export interface Cell {
  readonly accounts: Accounts;
  readonly callers: number;
}

/** One run of one side. Times in ms; what could not be measured is NaN. */
export interface RunFigures {
  readonly side: string;
  readonly transfers: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly httpPerSecond: number;
  readonly httpP50: number;
  readonly httpP99: number;
  /** From the first request until the last credit. */
  readonly creditedPerSecond: number;
  /** From debit to credit, by the rows' own times. */
  readonly lagP50: number;
  readonly lagP99: number;
  /** From debit to COMPLETED, where results are carried back. */
  readonly completedP50: number;
  readonly completedP99: number;
  /** CPU per transfer by process, and of all of them together. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly cpuMsSum: number;
  /** CPU of the load generator per transfer; not part of the sum. */
  readonly loadCpuMs: number;
  readonly roundTrips: number;
  readonly writingTransactions: number;
  readonly redoFsyncs: number;
  readonly redoBytes: number;
  readonly poolReads: number;
  readonly messages: number;
  /** Resident at most since the start, in MB. */
  readonly peakMb: Readonly<Record<string, number>>;
}

export interface CellFigures {
  readonly cell: Cell;
  /** By side, in the order of the pairs. */
  readonly runs: Readonly<Record<string, readonly RunFigures[]>>;
}

const WARM_UP: Cell = { accounts: 'many', callers: 64 };
const WARM_UP_MAX_MS = 120_000;
/** What the broker itself writes for transactional messages. */
const INTERNAL_TOPICS = ['RMQ_SYS_TRANS_HALF_TOPIC', 'RMQ_SYS_TRANS_OP_HALF_TOPIC'];

/** Runs one load on one side, waits until every transfer has ended, and checks that no money came or went. */
export class Measurement {
  private readonly books: TransferBooks;

  constructor(
    private readonly world: BenchWorld,
    private readonly side: Side,
  ) {
    this.books = new TransferBooks(world.pool, side);
  }

  /** Makes so many transfers, or as many as two minutes allow: a JIT compiler needs about 30,000. */
  async warmUp(transfers: number): Promise<void> {
    if (transfers > 0) await this.run(WARM_UP, { ms: WARM_UP_MAX_MS, transfers });
  }

  /** @throws StackError when transfers did not end, or money came or went */
  async run(cell: Cell, until: { ms?: number; transfers?: number }): Promise<RunFigures> {
    const before = await this.snapshot();
    const began = await this.serverTime();
    const target = this.side.target(cell.accounts === 'hot' ? () => accountNo(0) : anyAccountNo);
    const loaded = await load(target, cell.callers, until);
    await this.books.untilEnded(before, loaded.latenciesMs.length);
    const after = await this.snapshot();
    const rows = await this.rowTimes(began);
    this.books.assertConserved(before, after, rows.lags.length);
    return this.figures(before, after, loaded, rows);
  }

  private async snapshot(): Promise<Snapshot> {
    const pids = { ...this.side.pids(), ...this.world.pids() };
    const cpu = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
    const topics = [...this.side.topics, ...INTERNAL_TOPICS];
    const messages = await Promise.all(topics.map((topic) => this.world.admin.messagesEver(topic)));
    return {
      cpu,
      loadCpu: cpuMs(process.pid),
      peak: Object.fromEntries(Object.entries(this.side.pids()).map(([name, pid]) => [name, peakMb(pid)])),
      mysql: await mysqlUsage(this.world.pool),
      messages: messages.reduce((sum, count) => sum + count, 0),
      ...(await this.books.read()),
    };
  }

  /** Of all transfers since `began`. */
  private async rowTimes(began: string): Promise<RowTimes> {
    const { bank1, bank2, debited, credited, completed, recent } = this.side.schema;
    const since = recent === undefined ? `${bank1}.${debited}` : `${bank2}.${recent}`;
    const rows = await this.query<{ lagMs: string; creditedMs: string }>(
      `SELECT TIMESTAMPDIFF(MICROSECOND, d.create_time, c.create_time) / 1000 AS lagMs,
              TIMESTAMPDIFF(MICROSECOND, ?, c.create_time) / 1000 AS creditedMs
       FROM ${since} r STRAIGHT_JOIN ${bank1}.${debited} d ON d.tx_no = r.tx_no
                       STRAIGHT_JOIN ${bank2}.${credited} c ON c.tx_no = r.tx_no
       WHERE r.create_time >= ?`,
      [began, began],
    );
    const ends =
      completed === undefined
        ? []
        : await this.query<{ tookMs: string }>(
            `SELECT TIMESTAMPDIFF(MICROSECOND, t.create_time, t.update_time) / 1000 AS tookMs
             FROM ${since} r STRAIGHT_JOIN ${bank1}.${completed} t ON t.tx_no = r.tx_no
             WHERE r.create_time >= ? AND t.state = 'COMPLETED'`,
            [began],
          );
    return {
      lags: ascending(rows.map(({ lagMs }) => Number(lagMs))),
      lastCreditMs: rows.reduce((last, { creditedMs }) => Math.max(last, Number(creditedMs)), 0),
      completions: ascending(ends.map(({ tookMs }) => Number(tookMs))),
    };
  }

  private figures(before: Snapshot, after: Snapshot, loaded: LoadResult, rows: RowTimes): RunFigures {
    const transfers = after.credited - before.credited;
    const each = (now: number, then: number): number => (now - then) / transfers;
    const cpu = Object.fromEntries(
      Object.entries(after.cpu).map(([name, now]) => [name, each(now, before.cpu[name] ?? NaN)]),
    );
    const latencies = ascending(loaded.latenciesMs);
    return {
      side: this.side.name,
      transfers,
      failures: Object.fromEntries([...loaded.failures].map(([status, count]) => [String(status), count])),
      httpPerSecond: (latencies.length * 1000) / loaded.tookMs,
      httpP50: quantile(latencies, 0.5),
      httpP99: quantile(latencies, 0.99),
      creditedPerSecond: (transfers * 1000) / rows.lastCreditMs,
      lagP50: quantile(rows.lags, 0.5),
      lagP99: quantile(rows.lags, 0.99),
      completedP50: quantile(rows.completions, 0.5),
      completedP99: quantile(rows.completions, 0.99),
      cpuMs: cpu,
      cpuMsSum: Object.values(cpu).reduce((sum, ms) => sum + ms, 0),
      loadCpuMs: each(after.loadCpu, before.loadCpu),
      roundTrips: each(after.mysql.roundTrips, before.mysql.roundTrips),
      writingTransactions: each(after.mysql.writingTransactions, before.mysql.writingTransactions),
      redoFsyncs: each(after.mysql.redoFsyncs, before.mysql.redoFsyncs),
      redoBytes: each(after.mysql.redoBytes, before.mysql.redoBytes),
      poolReads: each(after.mysql.poolReads, before.mysql.poolReads),
      messages: each(after.messages, before.messages),
      peakMb: after.peak,
    };
  }

  private async serverTime(): Promise<string> {
    const [row] = await this.query<{ now: string }>('SELECT CAST(UTC_TIMESTAMP(6) AS CHAR) AS now');
    return row?.now ?? '';
  }

  private async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.world.pool.query<(RowDataPacket & Row)[]>(sql, parameters);
    return rows;
  }
}

interface Snapshot extends Books {
  readonly cpu: Readonly<Record<string, number>>;
  readonly loadCpu: number;
  readonly peak: Readonly<Record<string, number>>;
  readonly mysql: Awaited<ReturnType<typeof mysqlUsage>>;
  readonly messages: number;
}

interface RowTimes {
  readonly lags: readonly number[];
  readonly lastCreditMs: number;
  readonly completions: readonly number[];
}

export function anyAccountNo(): string {
  return accountNo(Math.floor(Math.random() * ACCOUNTS));
}
