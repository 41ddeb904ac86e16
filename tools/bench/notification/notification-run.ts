import type { RowDataPacket } from 'mysql2/promise';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { ascending, quantile } from '../transfer/figures.js';
import { cpuMs } from '../transfer/process-usage.js';
import { DATABASE, type PlannedSubscriber, type Work } from './notification-plan.js';
import type { NotifyingProcess } from './notifying-process.js';
import { Receivers } from './receivers.js';
import type { WorkSender } from './work-sender.js';

/** One run. Times in ms, from sending a message until the acknowledgement of a subscriber that lives is stored. */
export interface NotificationFigures {
  readonly side: 'without' | 'with';
  readonly messages: number;
  readonly acknowledged: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** Calls of those who live beyond one for each delivery. */
  readonly repeated: number;
  readonly callsOfDead: number;
  /** Of one core, in percent. */
  readonly cpuPercent: Readonly<Record<string, number>>;
}

const END_DEADLINE_MS = 120_000;

/** A subscriber that was made, with its id. */
interface Made extends PlannedSubscriber {
  readonly id: string;
}

/** Runs of both sides on the same servers, with the same process; those who live stay, the dead are new in each run. */
export class NotificationRuns {
  private readonly living: Made[] = [];
  private readonly receivers = new Receivers();
  private readonly deadReceivers = new Receivers();

  constructor(
    private readonly world: BenchWorld,
    private readonly service: NotifyingProcess,
    private readonly sender: WorkSender,
    private readonly plan: readonly PlannedSubscriber[],
  ) {}

  async prepare(): Promise<void> {
    const living = this.plan.filter(({ death }) => death === undefined);
    for (const one of living) this.living.push(await this.make(one, this.receivers));
  }

  /** @throws StackError when one who lives was not told of a message once, or had other effects than one of it */
  async run(side: NotificationFigures['side'], name: string, messages: number): Promise<NotificationFigures> {
    const dead: Made[] = [];
    if (side === 'with') {
      for (const one of this.plan.filter(({ death }) => death !== undefined))
        dead.push(await this.make(one, this.deadReceivers));
    }
    const before = this.cpu();
    const began = performance.now();
    const sent = await this.sender.send(name, messages);
    const expected = this.expected(sent);
    await this.untilAcknowledged(expected);
    const cpuPercent = percentages(before, this.cpu(), performance.now() - began);
    this.assertConserved(sent);
    const figures = { side, messages, ...(await this.latencies()), cpuPercent };
    const repeated = this.receivers.callsOfLiving - expected;
    const callsOfDead = await this.callsOf(dead);
    await this.clean(dead);
    return { ...figures, repeated, callsOfDead };
  }

  async close(): Promise<void> {
    await Promise.all([this.receivers.close(), this.deadReceivers.close()]);
  }

  private async make(one: PlannedSubscriber, receivers: Receivers): Promise<Made> {
    return { ...one, id: await this.service.subscribe(one, await receivers.open(one)) };
  }

  private expected(sent: readonly Work[]): number {
    return sent.reduce((sum, { type }) => sum + this.living.filter((one) => one.type === type).length, 0);
  }

  private untilAcknowledged(expected: number): Promise<void> {
    return waitUntil('That all who live acknowledged', { deadlineMs: END_DEADLINE_MS }, async () => {
      const [row] = await this.query<{ count: number }>(
        `SELECT COUNT(*) AS count FROM ${DATABASE}.webhook_delivery WHERE state = 'ACKNOWLEDGED'`,
      );
      return row?.count === expected;
    });
  }

  private assertConserved(sent: readonly Work[]): void {
    for (const { index, type } of this.living) {
      const effects = this.receivers.effects(index);
      const due = sent.filter((work) => work.type === type);
      const wrong = due.find(({ id }) => effects.get(id) !== 1);
      if (wrong === undefined && effects.size === due.length) continue;
      throw new StackError(
        `Subscriber ${index} was told of ${effects.size} messages and not of ${due.length}, each once` +
          `${wrong === undefined ? '' : `: ${wrong.id} had ${effects.get(wrong.id) ?? 0} effects`}.`,
      );
    }
  }

  private async latencies(): Promise<Pick<NotificationFigures, 'acknowledged' | 'p50' | 'p99' | 'slowest'>> {
    const rows = await this.query<{ ms: string }>(
      `SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', end_time) / 1000
              - CAST(JSON_EXTRACT(body, '$.data.sentAtMs') AS DECIMAL(20,3)) AS ms
       FROM ${DATABASE}.webhook_delivery WHERE state = 'ACKNOWLEDGED'`,
    );
    const all = ascending(rows.map(({ ms }) => Number(ms)));
    return {
      acknowledged: all.length,
      p50: quantile(all, 0.5),
      p99: quantile(all, 0.99),
      slowest: quantile(all, 1),
    };
  }

  private async callsOf(dead: readonly Made[]): Promise<number> {
    if (dead.length === 0) return 0;
    const [row] = await this.query<{ count: number }>(
      `SELECT COUNT(*) AS count FROM ${DATABASE}.webhook_call c JOIN ${DATABASE}.webhook_delivery d
         ON d.id = c.delivery_id WHERE d.subscriber_id IN (?)`,
      [dead.map(({ id }) => id)],
    );
    return row?.count ?? 0;
  }

  /** The dead are gone, with all that waits for them: the next run shall not have them beside it, nor longer tables. */
  private async clean(dead: readonly Made[]): Promise<void> {
    const ids = dead.map(({ id }) => id);
    if (ids.length > 0) {
      await this.query(`DELETE FROM ${DATABASE}.webhook_subscriber WHERE id IN (?)`, [ids]);
      await this.query(
        `UPDATE ${DATABASE}.webhook_delivery SET state = 'GIVEN_UP'
         WHERE state = 'PENDING' AND lease_owner IS NULL AND subscriber_id IN (?)`,
        [ids],
      );
    }
    await this.deadReceivers.close();
    await waitUntil('The end of all calls', { deadlineMs: END_DEADLINE_MS }, async () => {
      const [row] = await this.query<{ count: number }>(
        `SELECT COUNT(*) AS count FROM ${DATABASE}.webhook_delivery WHERE lease_owner IS NOT NULL`,
      );
      return row?.count === 0;
    });
    for (const table of ['webhook_call', 'webhook_delivery'])
      await this.query(`TRUNCATE ${DATABASE}.${table}`);
    this.receivers.forget();
  }

  private cpu(): Record<string, number> {
    const pids = { service: this.service.pid, ...this.world.pids(), receivers: process.pid };
    return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  }

  private async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.world.pool.query<(RowDataPacket & Row)[]>(sql, parameters);
    return rows;
  }
}

function percentages(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  ms: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, now]) => [name, (100 * (now - (before[name] ?? NaN))) / ms]),
  );
}
