import { expect } from '@jest/globals';
import type { Bank } from '@txmsg/contracts';
import type { FaultAction, FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { NOBODY } from '../fault-matrix/nobody.js';
import { Admin, ADMIN_SETTINGS } from '../kit/admin.js';
import type { Books } from '../kit/books.js';
import { transfer } from '../kit/http.js';
import { expectAllEnded } from '../kit/money.js';
import type { ServiceProcess } from '../kit/service-process.js';
import { TestBanks } from '../kit/test-banks.js';

export const DEADLINE_MS = 180_000;
/** How often a batch is made anew when it did not hold all that were meant for it. */
const ROUNDS_MAX = 4;
/** How many transactions of a listener run at once: while they are held, whoever comes gathers for one batch. */
const HOLDERS = 2;
/** How long a consumer is held: as long as a handler may take. On a machine that is too slow for that, as long as is allowed. */
const HANDLER_TIMEOUT_MS = { first: '5000', afterMiss: '14000' };
const NORMAL = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
/** The one in the middle, whose fault it is. */
const UNLUCKY = 'n3';
const REPEATED: readonly (number | undefined)[] = [undefined, 202, 503];

export interface Order {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/** What one round is about: orders that succeed, one of which is unlucky, beside one of each other kind. */
export interface Cell {
  readonly name: string;
  readonly normal: readonly Order[];
  readonly unlucky: string;
  /** Refused by bank2: there is no such payee. */
  readonly nobody: Order;
  /** Refused by bank1: there is too little money. */
  readonly poor: Order;
  /** Done before, with the same contents. */
  readonly done: Order;
  /** Done before under the same txNo, with another amount. */
  readonly used: Order;
}

interface Expectations {
  /** Who is meant to be in the batch. */
  readonly meant: (cell: Cell) => readonly Order[];
  /** What is expected when all transfers have ended, beside that each has ended as it must. */
  readonly ended?: (cell: Cell) => Promise<unknown>;
}

/** One process of each bank, and how chosen calls or messages get into one batch of theirs. */
export class BatchedBanks {
  private readonly current = new Map<Bank, ServiceProcess>();
  private handlerTimeoutMs = HANDLER_TIMEOUT_MS.first;
  private rounds = 0;

  private constructor(readonly banks: TestBanks) {}

  static async create(label: string): Promise<BatchedBanks> {
    return new BatchedBanks(await TestBanks.create(label));
  }

  get books(): Books {
    return this.banks.books;
  }

  bank(name: Bank): ServiceProcess {
    const instance = this.current.get(name);
    if (instance === undefined) throw new Error(`${name} does not run`);
    return instance;
  }

  async startBoth(): Promise<void> {
    await Promise.all([this.start('bank1'), this.start('bank2')]);
  }

  close(): Promise<void> {
    return this.banks.close();
  }

  meetFaults(name: Bank, ...rules: readonly FaultRule[]): Promise<void> {
    return new Admin(this.bank(name)).meetFaults(...rules);
  }

  /** The bank meets no fault, but its log says which points it passes. */
  announcePoints(name: Bank): Promise<void> {
    return this.meetFaults(name, NOBODY);
  }

  /** A crashed bank is started again as soon as it is gone. */
  async restartAfter(name: Bank, action: FaultAction): Promise<void> {
    if (action !== 'kill') return;
    await this.bank(name).exited;
    await this.start(name);
  }

  /** Calls, and again when bank1 has crashed or could not say, until the answer is one. */
  async callToTheEnd(order: Order): Promise<number> {
    return eventually(
      async () => {
        const status = await transfer(this.bank('bank1'), order).then(
          (answer) => answer.status,
          () => undefined,
        );
        return status === undefined || REPEATED.includes(status) ? false : status;
      },
      { timeoutMs: DEADLINE_MS, intervalMs: 300 },
    );
  }

  /** Sends these while both of bank1's transactions are held, so that they are one batch; then lets it begin. */
  async callTogether(cell: Cell): Promise<Promise<number>[]> {
    const instance = this.bank('bank1');
    const orders = ordersOf(cell);
    const holders = await this.openHolders(cell.name);
    const releases = await Promise.all(
      holders.map(({ txNo }) => this.books.holdBarrier(txNo, this.banks.producerGroup)),
    );
    const held: Promise<number>[] = [];
    try {
      // One after another: in one turn of the event loop they would share a transaction.
      for (const holder of holders) {
        held.push(this.callToTheEnd(holder));
        await untilSaid(instance, 'fault point passed', holder.txNo, 'local-transaction.begun');
      }
      const called = orders.map((order) => this.callToTheEnd(order));
      for (const { txNo } of orders) await untilSaid(instance, 'half message sent', txNo);
      return [...called, ...held];
    } finally {
      for (const release of releases) await release();
    }
  }

  /** Keeps both of a bank's consuming transactions busy, so that what comes meanwhile is one batch, which meets the rules. */
  async holdConsumer(consumer: Bank, name: string, ...rules: readonly FaultRule[]): Promise<void> {
    const instance = this.bank(consumer);
    const holders = await this.openHolders(name);
    const hangs = holders.map(({ txNo }): FaultRule => ({ point: 'consume.begun', action: 'hang', txNo }));
    await this.meetFaults(consumer, ...hangs, ...rules);
    for (const holder of holders) {
      await this.callToTheEnd(holder);
      await untilSaid(instance, 'fault injected', holder.txNo);
    }
  }

  /**
   * Plays it under new names until all that were meant to be in one batch were: on a busy machine some come late.
   * @param play - returns the batch that met the fault; an empty one when none met it
   */
  async untilTogether(
    play: (cell: Cell) => Promise<readonly string[]>,
    { meant, ended }: Expectations = { meant: ({ normal }) => normal },
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      const cell = await this.openCell(`cell${(this.rounds += 1)}`);
      const batch = await play(cell);
      await this.expectEnded(cell);
      await ended?.(cell);
      const txNos = meant(cell).map(({ txNo }) => txNo);
      if (tries === ROUNDS_MAX) expect(batch).toEqual(expect.arrayContaining(txNos));
      if (txNos.every((txNo) => batch.includes(txNo))) return;
      await this.holdLonger();
    }
  }

  private async openCell(name: string): Promise<Cell> {
    const normal = await Promise.all(NORMAL.map((each) => this.open(`${name}-${each}`)));
    const nobody = { ...(await this.open(`${name}-nobody`)), toAccountNo: 'nobody' };
    const poor = await this.open(`${name}-poor`, '3.99');
    const done = await this.open(`${name}-done`);
    await this.callToTheEnd(done);
    const used = await this.open(`${name}-used`, '20.00');
    await this.callToTheEnd(used);
    // Both have ended, and with them everything that their messages and results do.
    await expectAllEnded(this.books, DEADLINE_MS);
    const unlucky = `${name}-${UNLUCKY}`;
    return { name, normal, unlucky, nobody, poor, done, used: { ...used, amount: '5.00' } };
  }

  private async expectEnded({ normal, nobody, poor, done, used }: Cell): Promise<void> {
    await expectAllEnded(this.books, DEADLINE_MS);
    for (const order of [...normal, done]) {
      expect(await this.books.balances(order)).toEqual(['6.00', '4.00']);
    }
    expect(await this.books.balances(used)).toEqual(['16.00', '4.00']);
    expect(await this.books.outgoing(nobody.txNo)).toMatchObject({ state: 'REFUNDED' });
    expect(await this.books.balance('bank1', nobody.accountNo)).toBe('10.00');
    expect(await this.books.outgoing(poor.txNo)).toBeUndefined();
  }

  private openHolders(name: string): Promise<Order[]> {
    return Promise.all(Array.from({ length: HOLDERS }, (_, index) => this.open(`${name}-hold${index}`)));
  }

  private async open(txNo: string, balance = '10.00'): Promise<Order> {
    return { ...(await this.books.openPair(txNo, balance)), txNo, amount: '4.00' };
  }

  private async start(name: Bank): Promise<void> {
    const settings = {
      ...ADMIN_SETTINGS,
      LOG_LEVEL: 'debug',
      HANDLER_TIMEOUT_MS: this.handlerTimeoutMs,
    };
    this.current.set(name, await this.banks.start(name, settings));
  }

  private async holdLonger(): Promise<void> {
    if (this.handlerTimeoutMs === HANDLER_TIMEOUT_MS.afterMiss) return;
    this.handlerTimeoutMs = HANDLER_TIMEOUT_MS.afterMiss;
    for (const name of ['bank1', 'bank2'] as const) {
      await this.bank(name).kill('SIGTERM');
      await this.start(name);
    }
  }
}

/** All of them, in the order of `expectAnswers`. */
export function ordersOf({ normal, nobody, poor, done, used }: Cell): Order[] {
  return [...normal, nobody, poor, done, used];
}

/** In the order of `ordersOf`; 200 to those whose first call was done although its answer was lost. */
export function expectAnswers(statuses: readonly number[]): void {
  const succeeding = NORMAL.length + 1;
  for (const status of statuses.slice(0, succeeding)) expect([200, 201]).toContain(status);
  expect(statuses.slice(succeeding, succeeding + 3)).toEqual([422, 200, 409]);
}

/** Waits until the log has this message about this txNo, and about this fault point. */
export function untilSaid(
  instance: ServiceProcess,
  message: string,
  txNo: string,
  point?: string,
): Promise<unknown> {
  const isIt = (line: ReturnType<ServiceProcess['logs']>[number]): boolean =>
    line.message === message && line.txNo === txNo && (point === undefined || line.point === point);
  return eventually(() => instance.logs().some(isIt), { timeoutMs: DEADLINE_MS });
}

/** Those that passed the point together with this one: they are announced one after another, in one go. */
export function batchAt(instance: ServiceProcess, point: string, txNo: string): string[] {
  const passed = instance
    .logs()
    .filter(({ message }) => message === 'fault point passed' || message === 'fault injected')
    .map((line) => (line.message === 'fault point passed' && line.point === point ? String(line.txNo) : ''));
  const at = passed.indexOf(txNo);
  const begin = passed.lastIndexOf('', at) + 1;
  const end = passed.indexOf('', at);
  return at < 0 ? [] : passed.slice(begin, end < 0 ? undefined : end);
}
