import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bank } from '@txmsg/contracts';
import type { FaultAction, FaultPoint, FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { inDeadlock, killedWaiting } from './batch-faults/account-locks.js';
import {
  batchAt,
  BatchedBanks,
  DEADLINE_MS,
  expectAnswers,
  ordersOf,
  untilSaid,
  type Cell,
  type Order,
} from './batch-faults/batched-banks.js';
import type { ForeignSender } from './kit/foreign-sender.js';
import type { ResultSender } from './kit/result-sender.js';
import type { ServiceProcess } from './kit/service-process.js';

const SETUP_DEADLINE_MS = 5 * 60_000;
const CASE_DEADLINE_MS = 15 * 60_000;

type Fault = readonly [point: FaultPoint, action: FaultAction];
type Play = (cell: Cell) => Promise<readonly string[]>;
/** Starts everything that is to be in the batch. @returns what the callers are answered */
type SendAll = (cell: Cell) => Promise<Promise<number>[]>;

const CONSUMER_FAULTS: readonly Fault[] = [
  ['consume.barrier-inserted', 'kill'],
  ['consume.executed', 'throw'],
  ['consume.executed', 'kill'],
  ['consume.before-commit', 'drop-connection'],
  ['consume.before-commit', 'kill'],
  // All of them come again, as duplicates.
  ['consume.committed', 'kill'],
];
/** A batch whose transaction changes accounts, and what it is made of. */
interface Changing {
  readonly bank: Bank;
  /** So that the bank's log says which points the batch passes, and all that is sent is one batch. */
  readonly prepare: (cell: Cell) => Promise<unknown>;
  readonly sendAll: SendAll;
  /** A point that all of the batch pass before an account is changed. */
  readonly point: FaultPoint;
  /** Whose row an order changes at this bank. */
  readonly accountOf: (order: Order) => string;
}
/** Twice in the batch, and once alone. */
const THROWS_AGAIN = { point: 'consume.executed', action: 'throw', times: 3 } as const;

describe('a fault in the middle of a batch', () => {
  let stage: BatchedBanks;

  beforeAll(async () => {
    stage = await BatchedBanks.create('batch_faults');
    await stage.startBoth();
  }, SETUP_DEADLINE_MS);
  afterAll(() => stage.close());

  /** A batch of consumed messages that meets this fault at its unlucky one. */
  const meets =
    (consumer: Bank, sendAll: SendAll, fault: Omit<FaultRule, 'txNo'>): Play =>
    async (cell) => {
      const instance = stage.bank(consumer);
      await stage.holdConsumer(consumer, cell.name, { ...fault, txNo: cell.unlucky });
      const answers = await sendAll(cell);
      await untilSaid(instance, 'fault injected', cell.unlucky);
      await stage.restartAfter(consumer, fault.action);
      expectAnswers(await Promise.all(answers));
      return batchAt(instance, 'consume.begun', cell.unlucky);
    };

  /** As `meets`; the unlucky one fails alone, too. */
  const throwsAgain =
    (consumer: Bank, sendAll: SendAll): Play =>
    async (cell) => {
      const instance = stage.bank(consumer);
      const batch = await meets(consumer, sendAll, THROWS_AGAIN)(cell);
      await untilSaid(instance, 'message consumed: DONE', cell.unlucky);
      expect(handlerFailures(instance, cell)).toEqual([cell.unlucky]);
      return batch;
    };

  const deadlocked =
    ({ bank, prepare, sendAll, point, accountOf }: Changing): Play =>
    async (cell) => {
      const instance = stage.bank(bank);
      await prepare(cell);
      const [first, last] = outermost(cell);
      const { started, wasVictim } = await inDeadlock(stage, bank, [accountOf(first), accountOf(last)], () =>
        sendAll(cell),
      );
      expectAnswers(await Promise.all(started));
      const batch = batchAt(instance, point, cell.unlucky);
      return (await wasVictim()) ? batch : [];
    };

  /** Killed while it waits for the unlucky one's account. */
  const killedBetween =
    ({ bank, prepare, sendAll, point, accountOf }: Changing): Play =>
    async (cell) => {
      const instance = stage.bank(bank);
      await prepare(cell);
      const { started, wasWaiting } = await killedWaiting(stage, bank, accountOf(unluckyOf(cell)), () =>
        sendAll(cell),
      );
      expectAnswers(await Promise.all(started));
      const batch = batchAt(instance, point, cell.unlucky);
      return wasWaiting ? batch : [];
    };

  /** Of all that was sent, the conflict alone became a dead letter of this bank. */
  const untilTogether = (consumer: Bank, play: Play): Promise<void> =>
    stage.untilTogether(play, {
      meant: ({ normal, nobody, done, used }) => [...normal, nobody, done, used],
      ended: ({ name, used }) =>
        eventually(
          async () => {
            const letters = await stage.books.deadLetters(consumer);
            expect(letters.filter(({ txNo }) => txNo?.startsWith(`${name}-`))).toEqual([
              { txNo: used.txNo, reason: 'TX_NO_CONFLICT' },
            ]);
          },
          { timeoutMs: DEADLINE_MS },
        ),
    });

  describe('at bank1', () => {
    const calls: Changing = {
      bank: 'bank1',
      prepare: () => stage.announcePoints('bank1'),
      sendAll: (cell) => stage.callTogether(cell),
      point: 'local-transaction.barrier-inserted',
      accountOf: ({ accountNo }) => accountNo,
    };

    it.each<Fault>([
      ['local-transaction.barrier-inserted', 'kill'],
      ['local-transaction.executed', 'throw'],
      ['local-transaction.executed', 'kill'],
      ['local-transaction.before-commit', 'drop-connection'],
      ['local-transaction.before-commit', 'kill'],
      ['local-transaction.committed', 'throw'],
      ['local-transaction.committed', 'kill'],
    ])(
      'of local transactions (%s: %s): each caller has its own outcome in the end',
      (point, action) =>
        stage.untilTogether(async (cell) => {
          const instance = stage.bank('bank1');
          await stage.meetFaults('bank1', { point, action, txNo: cell.unlucky });
          const answers = await stage.callTogether(cell);
          await stage.restartAfter('bank1', action);
          expectAnswers(await Promise.all(answers));
          return batchAt(instance, point, cell.unlucky);
        }),
      CASE_DEADLINE_MS,
    );

    it(
      'of local transactions (a deadlock with another transaction): each is done alone, and none fails',
      () => stage.untilTogether(deadlocked(calls)),
      CASE_DEADLINE_MS,
    );

    it(
      'of local transactions (a kill between its statements): each caller has its own outcome in the end',
      () => stage.untilTogether(killedBetween(calls)),
      CASE_DEADLINE_MS,
    );
  });

  describe('at bank2', () => {
    let sender: ForeignSender;
    beforeAll(async () => {
      sender = await stage.banks.foreignSender();
    });
    afterAll(() => sender.close());

    /** Beside the messages of these orders a duplicate and a conflict. */
    const sendAll: SendAll = async (cell) => {
      const answers = ordersOf(cell).map((order) => stage.callToTheEnd(order));
      await Promise.all([cell.done, cell.used].map((accountChange) => sender.deliver({ accountChange })));
      return answers;
    };

    const messages: Changing = {
      bank: 'bank2',
      prepare: ({ name }) => stage.holdConsumer('bank2', name),
      sendAll,
      point: 'consume.begun',
      accountOf: ({ toAccountNo }) => toAccountNo,
    };

    it.each<Fault>(CONSUMER_FAULTS)(
      'of messages (%s: %s): each is credited once or refused for good',
      (point, action) => untilTogether('bank2', meets('bank2', sendAll, { point, action })),
      CASE_DEADLINE_MS,
    );

    it(
      'of messages (one that throws again when it is alone): it is credited later, and the others now',
      () => untilTogether('bank2', throwsAgain('bank2', sendAll)),
      CASE_DEADLINE_MS,
    );

    it(
      'of messages (a duplicate, a conflict and one that is refused): one COMMIT credits the others',
      () =>
        untilTogether('bank2', async (cell) => {
          const instance = stage.bank('bank2');
          await stage.holdConsumer('bank2', cell.name);
          expectAnswers(await Promise.all(await sendAll(cell)));
          const { normal, nobody, done, used, unlucky } = cell;
          await untilSaid(instance, 'message consumed: DUPLICATE', done.txNo);
          await untilSaid(instance, 'message stored as dead letter: TX_NO_CONFLICT', used.txNo);
          await untilSaid(instance, 'message consumed: DONE', unlucky);
          const committed = batchAt(instance, 'consume.committed', unlucky);
          const fresh = [...normal, nobody].map(({ txNo }) => txNo);
          return fresh.every((txNo) => committed.includes(txNo)) ? committed : [];
        }),
      CASE_DEADLINE_MS,
    );

    it(
      'of messages (a deadlock with another transaction): each is credited once or refused for good',
      () => untilTogether('bank2', deadlocked(messages)),
      CASE_DEADLINE_MS,
    );

    it(
      'of messages (a kill between its statements): each is credited once or refused for good',
      () => untilTogether('bank2', killedBetween(messages)),
      CASE_DEADLINE_MS,
    );
  });

  describe('at bank1 as a consumer', () => {
    let sender: ResultSender;
    beforeAll(async () => {
      sender = await stage.banks.resultSender();
    });
    afterAll(() => sender.close());

    /** Beside bank2's results about these orders a duplicate, a contradiction and one about no transfer of bank1. */
    const sendAll: SendAll = async (cell) => {
      const answers = ordersOf(cell).map((order) => stage.callToTheEnd(order));
      const { name, done, used } = cell;
      const credited = { ...done, outcome: 'CREDITED' };
      const results = [
        credited,
        { ...used, amount: done.amount, outcome: 'REJECTED', reason: 'ACCOUNT_FROZEN' },
        { ...credited, txNo: `${name}-unknown` },
      ];
      await Promise.all(
        results.map((transferResult) => sender.deliver(transferResult.txNo, { transferResult })),
      );
      return answers;
    };

    it.each<Fault>(CONSUMER_FAULTS)(
      'of results (%s: %s): each ends its transfer once',
      (point, action) => untilTogether('bank1', meets('bank1', sendAll, { point, action })),
      CASE_DEADLINE_MS,
    );

    it(
      'of results (one that throws again when it is alone): it ends its transfer later, and the others now',
      () => untilTogether('bank1', throwsAgain('bank1', sendAll)),
      CASE_DEADLINE_MS,
    );

    it(
      'of results (a kill between its statements): each ends its transfer once',
      () =>
        untilTogether('bank1', async (cell) => {
          const instance = stage.bank('bank1');
          await stage.holdConsumer('bank1', cell.name);
          expectAnswers(await Promise.all(await sendAll(cell)));
          // The refund comes last. Its account is free until then: it has just been debited.
          const { accountNo, txNo } = cell.nobody;
          const isRefunded = async (): Promise<boolean> =>
            (await stage.books.outgoing(txNo))?.state === 'REFUNDED';
          const nothing = (): Promise<void> => Promise.resolve();
          const { wasWaiting } = await killedWaiting(stage, 'bank1', accountNo, nothing, isRefunded);
          const batch = batchAt(instance, 'consume.begun', cell.unlucky);
          return wasWaiting ? batch : [];
        }),
      CASE_DEADLINE_MS,
    );
  });
});

/** The first and the last that a batch changes. */
function outermost({ normal }: Cell): [Order, Order] {
  const [first, last] = [normal[0], normal.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nobody is to succeed');
  return [first, last];
}

function unluckyOf({ normal, unlucky }: Cell): Order {
  const order = normal.find(({ txNo }) => txNo === unlucky);
  if (order === undefined) throw new Error('nobody is unlucky');
  return order;
}

/** Whose messages come again because their handler threw; those who held the consumer do so too. */
function handlerFailures(instance: ServiceProcess, cell: Cell): string[] {
  const txNos = ordersOf(cell).map(({ txNo }) => txNo);
  return instance
    .logs()
    .filter(({ message }) => /^message comes again .* handler failure/.test(message))
    .map(({ txNo }) => String(txNo))
    .filter((txNo) => txNos.includes(txNo));
}
