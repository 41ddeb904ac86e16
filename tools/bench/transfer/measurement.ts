import { setTimeout as delay } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { StackError } from '../../stack/stack-error.js';
import type { BenchWorld } from './bench-world.js';
import { ascending, quantile } from './figures.js';
import { load, type LoadResult } from './http-load.js';
import { mysqlUsage } from './mysql-usage.js';
import { cpuMs, peakMb } from './process-usage.js';
import { accountNo, ACCOUNTS, AMOUNT, type Side } from './side.js';

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

const DRAIN_DEADLINE_MS = 120_000;
const POLL_MS = 100;
/** What the broker itself writes for transactional messages. */
const INTERNAL_TOPICS = ['RMQ_SYS_TRANS_HALF_TOPIC', 'RMQ_SYS_TRANS_OP_HALF_TOPIC'];

/** Runs one load on one side, waits until every transfer has ended, and checks that no money came or went. */
export class Measurement {
  constructor(
    private readonly world: BenchWorld,
    private readonly side: Side,
  ) {}

  /** @throws StackError when transfers did not end, or money came or went */
  async run(cell: Cell, until: { ms?: number; transfers?: number }): Promise<RunFigures> {
    const before = await this.snapshot();
    const began = await this.serverTime();
    const target = this.side.target(cell.accounts === 'hot' ? () => accountNo(0) : anyAccountNo);
    const loaded = await load(target, cell.callers, until);
    await this.untilEnded(before, loaded.latenciesMs.length);
    const after = await this.snapshot();
    const rows = await this.rowTimes(began);
    const transfers = after.credited - before.credited;
    if (after.debited - before.debited !== transfers || rows.lags.length !== transfers) {
      throw new StackError(
        `${this.side.name}: money came or went: ${after.debited - before.debited} transfers' worth was debited, ` +
          `${transfers} transfers' worth credited, and ${rows.lags.length} transfers stand in the tables.`,
      );
    }
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
      ...(await this.books()),
    };
  }

  private async books(): Promise<Books> {
    const { bank1, bank2, completed } = this.side.schema;
    const open =
      completed === undefined ? '0' : `(SELECT COUNT(*) FROM ${bank1}.${completed} WHERE state = 'DEBITED')`;
    const [row] = await this.query<{ open: number; money1: string; money2: string }>(
      `SELECT ${open} AS open,
              (SELECT CAST(SUM(account_balance) AS CHAR) FROM ${bank1}.account_info) AS money1,
              (SELECT CAST(SUM(account_balance) AS CHAR) FROM ${bank2}.account_info) AS money2`,
    );
    if (row === undefined) throw new Error('no row of a query without a table');
    return { open: row.open, debited: -transfersWorth(row.money1), credited: transfersWorth(row.money2) };
  }

  /** Everything that was accepted is credited, and its result is back where results are carried. */
  private async untilEnded(before: Books, accepted: number): Promise<void> {
    const endsAt = Date.now() + DRAIN_DEADLINE_MS;
    for (;;) {
      const now = await this.books();
      const debits = now.debited - before.debited;
      const credits = now.credited - before.credited;
      if (debits >= accepted && credits === debits && now.open === 0) return;
      if (Date.now() > endsAt) {
        throw new StackError(
          `${this.side.name}: of ${accepted} transfers ${debits} were debited and ${credits} credited, and ` +
            `${now.open} had no result after ${DRAIN_DEADLINE_MS} ms.`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Of all transfers since `began`. */
  private async rowTimes(began: string): Promise<RowTimes> {
    const { bank1, bank2, debited, credited, completed } = this.side.schema;
    const rows = await this.query<{ lagMs: string; creditedMs: string }>(
      `SELECT TIMESTAMPDIFF(MICROSECOND, d.create_time, c.create_time) / 1000 AS lagMs,
              TIMESTAMPDIFF(MICROSECOND, ?, c.create_time) / 1000 AS creditedMs
       FROM ${bank1}.${debited} d JOIN ${bank2}.${credited} c ON c.tx_no = d.tx_no
       WHERE d.create_time >= ?`,
      [began, began],
    );
    const ends =
      completed === undefined
        ? []
        : await this.query<{ tookMs: string }>(
            `SELECT TIMESTAMPDIFF(MICROSECOND, create_time, update_time) / 1000 AS tookMs
             FROM ${bank1}.${completed} WHERE create_time >= ? AND state = 'COMPLETED'`,
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

/** Counted in transfers, from what the accounts hold: cheap, however many transfers there have been. */
interface Books {
  readonly debited: number;
  readonly credited: number;
  /** Without a result so far. */
  readonly open: number;
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

/** @throws StackError when the sum is not made of whole transfers */
function transfersWorth(money: string): number {
  const cents = BigInt(money.replace('.', ''));
  const each = BigInt(AMOUNT.replace('.', ''));
  if (cents % each !== 0n)
    throw new StackError(`${money} is not made of transfers of ${AMOUNT}: money came or went.`);
  return Number(cents / each);
}

function anyAccountNo(): string {
  return accountNo(Math.floor(Math.random() * ACCOUNTS));
}
