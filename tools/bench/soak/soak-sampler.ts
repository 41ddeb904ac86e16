import type { RowDataPacket } from 'mysql2/promise';
import type { BenchWorld } from '../transfer/bench-world.js';
import { ascending, quantile } from '../transfer/figures.js';
import type { OurSide } from '../transfer/our-side.js';
import { residentMb } from '../transfer/process-usage.js';
import type { TransferBooks } from '../transfer/transfer-books.js';

/** What was seen since the sample before; NaN for what did not happen meanwhile. Times in ms. */
export interface SoakSample {
  /** Since the load began. */
  readonly minutes: number;
  readonly residentMb: Readonly<Record<string, number>>;
  readonly httpP50: number;
  readonly httpP99: number;
  /** From debit to credit, by the rows' own times, of the transfers that are watched. */
  readonly lagP50: number;
  readonly lagP99: number;
  readonly creditedPerSecond: number;
}

/** Finding the lag of every transfer would cost the database as much as the transfers themselves. */
const WATCH_EVERY = 5;

/** Looks at a load from outside while it lasts. */
export class SoakSampler {
  private readonly began = performance.now();
  private readonly name = `soak-${Date.now()}`;
  private latenciesMs: number[] = [];
  /** Numbers of transfers whose credit was not seen so far. */
  private readonly watched = new Set<string>();
  private requests = 0;
  private sampledAt = this.began;

  constructor(
    private readonly world: BenchWorld,
    private readonly side: OurSide,
    private readonly books: TransferBooks,
    private creditedBefore: number,
  ) {}

  /** For the next request. */
  readonly nextTxNo = (): string => {
    const txNo = `${this.name}-${this.requests++}`;
    if (this.requests % WATCH_EVERY === 0) this.watched.add(txNo);
    return txNo;
  };

  readonly accepted = (latencyMs: number): void => {
    this.latenciesMs.push(latencyMs);
  };

  async sample(): Promise<SoakSample> {
    const latencies = ascending(this.latenciesMs);
    this.latenciesMs = [];
    const lags = await this.lags();
    const { credited } = await this.books.read();
    const now = performance.now();
    const credits = credited - this.creditedBefore;
    const seconds = (now - this.sampledAt) / 1000;
    this.creditedBefore = credited;
    this.sampledAt = now;
    return {
      minutes: (now - this.began) / 60_000,
      residentMb: Object.fromEntries(
        Object.entries(this.side.pids()).map(([bank, pid]) => [bank, residentMb(pid)]),
      ),
      httpP50: quantile(latencies, 0.5),
      httpP99: quantile(latencies, 0.99),
      lagP50: quantile(lags, 0.5),
      lagP99: quantile(lags, 0.99),
      creditedPerSecond: credits / seconds,
    };
  }

  private async lags(): Promise<number[]> {
    if (this.watched.size === 0) return [];
    const { bank1, bank2, debited, credited } = this.side.schema;
    const [rows] = await this.world.pool.query<(RowDataPacket & { txNo: string; lagMs: string })[]>(
      `SELECT d.tx_no AS txNo, TIMESTAMPDIFF(MICROSECOND, d.create_time, c.create_time) / 1000 AS lagMs
       FROM ${bank1}.${debited} d JOIN ${bank2}.${credited} c ON c.tx_no = d.tx_no WHERE d.tx_no IN (?)`,
      [[...this.watched]],
    );
    for (const { txNo } of rows) this.watched.delete(txNo);
    return ascending(rows.map(({ lagMs }) => Number(lagMs)));
  }
}
