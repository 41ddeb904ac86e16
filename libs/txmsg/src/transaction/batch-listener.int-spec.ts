import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { DeliveredNotes, type Note } from '../../test/delivered-notes.js';
import { createTopic, openTransport, startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { FaultInjector, type FaultPoint } from '../faults/index.js';
import {
  LocalTransactionFailedError,
  TransactionTemplate,
  TxNoConflictError,
  commit,
  rollback,
  type BatchLocalTransactionListener,
  type LocalTransactionItem,
  type LocalTransactionOutcome,
  type TransactionSendResult,
} from '../index.js';
import { eventually, MysqlProxy } from '../testing/index.js';
import { RecordingTransport } from '../../test/recording-transport.js';
import { TransactionListener } from './transaction-listener.decorator.js';

/** What an item asks of the listener: to write and commit, to be refused, to fail, or to wait for this first. */
type Wish = 'commit' | 'refuse' | 'fail' | Promise<unknown>;

const names = await createTopic('batch_template', 'TRANSACTION');
/** As many transactions as run at once: while they are held, whoever comes gathers for one batch. */
const HOLDERS = 2;
const SEND_TIMEOUT_MS = 14_000;
/** Later, those who are held would have run out of time. */
const WITHIN_THE_CALL = { timeoutMs: SEND_TIMEOUT_MS };

@TransactionListener({ topic: names.topic, producerGroup: names.producerGroup })
class NoteListener implements BatchLocalTransactionListener<Note, Wish, string, string> {
  /** The txNos of every call, in order. */
  static calls: string[][] = [];
  /** Called at the end of every call with more than one item. */
  static onBatch: () => void = () => undefined;

  async executeLocalTransactions(
    items: readonly LocalTransactionItem<Note, Wish>[],
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome<string, string>[]> {
    NoteListener.calls.push(items.map(({ txNo }) => txNo));
    const outcomes: LocalTransactionOutcome<string, string>[] = [];
    for (const { txNo, payload, arg } of items) {
      if (arg === 'fail') throw new RangeError(`a bug with ${txNo}`);
      if (arg === 'refuse') outcomes.push(rollback(`${txNo} is too poor`));
      else {
        await arg;
        await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, payload.note]);
        // No other transaction may ever see this.
        Object.assign(payload, { note: 'changed by the listener' });
        outcomes.push(commit(`done ${txNo}`));
      }
    }
    if (items.length > 1) NoteListener.onBatch();
    return outcomes;
  }
}

/** Counts the half messages that are stored; right after that they wait for their batch. */
class Stored extends FaultInjector {
  halfMessages = 0;

  at(point: FaultPoint): Promise<void> {
    if (point === 'half-message.sent') this.halfMessages += 1;
    return Promise.resolve();
  }
}

describe('@TransactionListener in the batch form, on real servers', () => {
  let proxy: MysqlProxy;
  let direct: DataSource;
  let application: INestApplicationContext;
  let transport: RecordingTransport;
  let delivered: DeliveredNotes;
  const stored = new Stored();
  let letGo: (() => void)[] = [];
  let held: Promise<unknown>[] = [];

  const send = (txNo: string, arg: Wish, note = 'a'): Promise<TransactionSendResult<string, string>> =>
    application
      .get(TransactionTemplate)
      .sendMessageInTransaction<string, string>(names.topic, { txNo, note }, { txNo, arg });
  const effects = async (txNo: string): Promise<string[]> =>
    (await direct.query<{ note: string }[]>('SELECT note FROM effect WHERE tx_no = ?', [txNo])).map(
      ({ note }) => note,
    );
  const heard = (txNo: string): string[] => [...new Set(transport.heard(txNo))];
  const expectCommitted = async (txNo: string): Promise<void> => {
    await eventually(() => delivered.of(txNo).length > 0);
    expect(delivered.of(txNo)).toEqual(['a']);
    expect(heard(txNo)).toEqual(['COMMIT']);
    expect(await effects(txNo)).toEqual(['a']);
  };
  const expectRolledBack = async (txNo: string): Promise<void> => {
    await eventually(() => heard(txNo).length > 0);
    expect(heard(txNo)).toEqual(['ROLLBACK']);
    expect(await effects(txNo)).toEqual([]);
    expect(delivered.of(txNo)).toEqual([]);
  };
  /** Names in the order in which a batch has them. */
  const newTxNos = (count: number): string[] => {
    const unique = randomUUID();
    return Array.from({ length: count }, (_, index) => `${index}-${unique}`);
  };

  /** One after another, so that no two of them share a transaction. */
  async function holdAll(): Promise<void> {
    held = [];
    for (const txNo of newTxNos(HOLDERS)) {
      held.push(send(txNo, new Promise<void>((resolve) => letGo.push(resolve))));
      await eventually(() => NoteListener.calls.length === held.length, WITHIN_THE_CALL);
    }
  }
  /**
   * Sends these while every transaction that may run is held, then lets one of those go: its successor is the batch
   * of all that wait. The others stay held, so nobody else commits meanwhile.
   */
  async function sendTogether<Result>(sendAll: () => Result[]): Promise<Result[]> {
    await holdAll();
    const before = stored.halfMessages;
    const sent = sendAll();
    await eventually(() => stored.halfMessages === before + sent.length, WITHIN_THE_CALL);
    letGo[0]?.();
    await eventually(() => NoteListener.calls.length > HOLDERS, WITHIN_THE_CALL);
    return sent;
  }
  /** What the listener was called with since the holders. */
  const calls = (): string[][] => NoteListener.calls.slice(HOLDERS);

  beforeAll(async () => {
    const url = await createLibraryDatabase('batch_template');
    proxy = await MysqlProxy.start(url);
    direct = await openDataSource(url);
    transport = new RecordingTransport(await openTransport());
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [NoteListener],
      // No statement of anything but the transactions passes by the proxy.
      options: { sendTimeoutMs: SEND_TIMEOUT_MS, retentionIntervalMs: 0 },
      transport,
      faults: stored,
    });
    delivered = await DeliveredNotes.start(transport, names.topic, names.consumerGroup);
    await eventually(() => send(`warm-up-${randomUUID()}`, 'commit'));
  });
  afterAll(async () => {
    await delivered.close();
    await application.close();
    await direct.destroy();
    await proxy.close();
  });
  beforeEach(() => {
    NoteListener.calls = [];
    NoteListener.onBatch = () => undefined;
    transport.losesResolution = () => false;
    letGo = [];
  });
  afterEach(async () => {
    for (const open of letGo) open();
    await Promise.allSettled(held);
  });

  it('takes those who wait at the same time in one transaction, and gives each its own result', async () => {
    const txNos = newTxNos(5);
    const sent = await sendTogether(() => [...txNos].reverse().map((txNo) => send(txNo, 'commit')));
    const results = await Promise.all(sent);
    expect(calls()).toEqual([txNos]);
    expect(results).toEqual(
      [...txNos]
        .reverse()
        .map((txNo) => ({ state: 'COMMITTED', txNo, duplicate: false, result: `done ${txNo}` })),
    );
    for (const txNo of txNos) await expectCommitted(txNo);
  });

  describe('when some of a batch commit and others refuse', () => {
    const wishes: Wish[] = ['refuse', 'commit', 'refuse', 'commit'];
    const sendMixed = async (txNos: readonly string[]): Promise<unknown> => {
      const sent = await sendTogether(() => txNos.map((txNo, index) => send(txNo, wishes[index] ?? 'fail')));
      return Promise.all(sent);
    };
    const expectMixed = async (txNos: readonly string[]): Promise<void> => {
      for (const [index, txNo] of txNos.entries()) {
        if (wishes[index] === 'commit') await expectCommitted(txNo);
        else await expectRolledBack(txNo);
      }
    };
    const mixedResults = (txNos: readonly string[]): unknown =>
      txNos.map((txNo, index) =>
        wishes[index] === 'commit'
          ? { state: 'COMMITTED', txNo, duplicate: false, result: `done ${txNo}` }
          : { state: 'ROLLED_BACK', txNo, refusal: `${txNo} is too poor` },
      );

    it('each gets its own outcome, and who was refused may try the txNo again with other contents', async () => {
      const txNos = newTxNos(wishes.length);
      expect(await sendMixed(txNos)).toEqual(mixedResults(txNos));
      expect(calls()).toEqual([txNos]);
      await expectMixed(txNos);
      for (const open of letGo) open();
      await expect(send(txNos[0] ?? '', 'commit', 'less')).resolves.toMatchObject({
        state: 'COMMITTED',
        duplicate: false,
      });
      await expect(send(txNos[1] ?? '', 'commit')).resolves.toMatchObject({ duplicate: true });
    });

    it('check-backs answer for each when all outcomes are lost', async () => {
      const txNos = newTxNos(wishes.length);
      transport.losesResolution = (_resolution, txNo) => txNos.includes(txNo);
      expect(await sendMixed(txNos)).toEqual(mixedResults(txNos));
      await expectMixed(txNos);
    });

    it('each hears the truth when the connection is cut after the server applied the COMMIT', async () => {
      const txNos = newTxNos(wishes.length);
      let cut: Promise<void> | undefined;
      NoteListener.onBatch = () => {
        cut = proxy.at(/^COMMIT$/, 'cut-after');
      };
      expect(await sendMixed(txNos)).toEqual(mixedResults(txNos));
      await cut;
      expect(calls()).toEqual([txNos]);
      await expectMixed(txNos);
    });
  });

  it('tells a refusal only when the COMMIT of its neighbours is proven', async () => {
    const txNos = newTxNos(3);
    const wishes: Wish[] = ['commit', 'refuse', 'commit'];
    let cut: Promise<void> | undefined;
    NoteListener.onBatch = () => {
      cut = proxy.at(/^COMMIT$/, 'cut-before');
    };
    const sent = await sendTogether(() => txNos.map((txNo, index) => send(txNo, wishes[index] ?? 'fail')));
    const results = await Promise.allSettled(sent);
    await cut;
    for (const result of results) {
      // The reason for the refusal may have been rolled back with its neighbour.
      if (result.status === 'fulfilled') expect(result.value.state).toBe('UNKNOWN');
      else expect(result.reason).toBeInstanceOf(LocalTransactionFailedError);
    }
    for (const txNo of txNos) await expectRolledBack(txNo);
  });

  it('tells nobody in a batch that it was done when the connection is cut before COMMIT', async () => {
    const txNos = newTxNos(3);
    let cut: Promise<void> | undefined;
    NoteListener.onBatch = () => {
      cut = proxy.at(/^COMMIT$/, 'cut-before');
    };
    const sent = await sendTogether(() => txNos.map((txNo) => send(txNo, 'commit')));
    const results = await Promise.allSettled(sent);
    await cut;
    for (const result of results) {
      // Not known while the server has not noticed the cut.
      if (result.status === 'fulfilled') expect(result.value.state).toBe('UNKNOWN');
      else expect(result.reason).toBeInstanceOf(LocalTransactionFailedError);
    }
    expect(calls()).toEqual([txNos]);
    for (const txNo of txNos) await expectRolledBack(txNo);
  });

  it.each(['cut-after', 'cut-before'] as const)(
    'answers UNKNOWN to all of a batch when its COMMIT is lost (%s) and the database stays away',
    async (fault) => {
      const txNos = newTxNos(3);
      NoteListener.onBatch = () => {
        void proxy.at(/^COMMIT$/, fault).then(() => {
          proxy.down();
        });
      };
      let results: unknown;
      try {
        const sent = await sendTogether(() => txNos.map((txNo) => send(txNo, 'commit')));
        results = await Promise.all(sent);
      } finally {
        proxy.up();
      }
      expect(results).toEqual(txNos.map((txNo) => ({ state: 'UNKNOWN', txNo })));
      for (const txNo of txNos) {
        if (fault === 'cut-after') await expectCommitted(txNo);
        else await expectRolledBack(txNo);
      }
    },
  );

  describe('when a batch fails', () => {
    it('each is run alone: who fails gets its own error, and costs its neighbours nothing', async () => {
      const [before, bad, after] = newTxNos(3) as [string, string, string];
      const sent = await sendTogether(() => [
        send(before, 'commit'),
        send(bad, 'fail'),
        send(after, 'commit'),
      ]);
      const results = await Promise.allSettled(sent);
      expect(calls()[0]).toEqual([before, bad, after]);
      expect(calls().slice(1).sort()).toEqual([[before], [bad], [after]]);
      expect(results).toMatchObject([
        { status: 'fulfilled', value: { state: 'COMMITTED', result: `done ${before}` } },
        { status: 'rejected', reason: new RangeError(`a bug with ${bad}`) },
        { status: 'fulfilled', value: { state: 'COMMITTED', result: `done ${after}` } },
      ]);
      await expectCommitted(before);
      await expectRolledBack(bad);
      await expectCommitted(after);
    });
  });

  it('answers a txNo that was done before from its row, without cost to its neighbours', async () => {
    const [first, done, used, last] = newTxNos(4) as [string, string, string, string];
    await send(done, 'commit');
    await send(used, 'commit', 'other contents');
    NoteListener.calls = [];
    const sent = await sendTogether(() => [
      send(done, 'commit'),
      send(first, 'commit'),
      send(used, 'commit'),
      send(last, 'commit'),
    ]);
    const results = await Promise.allSettled(sent);
    expect(results).toMatchObject([
      { value: { state: 'COMMITTED', txNo: done, duplicate: true } },
      { value: { state: 'COMMITTED', txNo: first, duplicate: false, result: `done ${first}` } },
      { reason: expect.any(TxNoConflictError) },
      { value: { state: 'COMMITTED', txNo: last, duplicate: false, result: `done ${last}` } },
    ]);
    expect(calls()).toEqual([[first, last]]);
    await expectCommitted(first);
    await expectCommitted(last);
    expect(await effects(done)).toEqual(['a']);
    expect(await effects(used)).toEqual(['other contents']);
  });

  it('never puts two calls with one txNo into one batch: one wins, the other is a duplicate', async () => {
    const [txNo, other] = newTxNos(2) as [string, string];
    const sent = await sendTogether(() => [
      send(txNo, 'commit'),
      send(txNo, 'commit'),
      send(other, 'commit'),
    ]);
    const results = await Promise.all(sent);
    expect(
      results
        .slice(0, 2)
        .map((result) => 'duplicate' in result && result.duplicate)
        .sort(),
    ).toEqual([false, true]);
    for (const call of calls()) expect(new Set(call).size).toBe(call.length);
    await expectCommitted(other);
    expect(await effects(txNo)).toEqual(['a']);
  });

  describe('when the time of one caller ends before that of the others', () => {
    /** Long enough to be in the batch by then, and short enough for the others to be done in theirs. */
    const SHORT_MS = SEND_TIMEOUT_MS / 2;
    const short = (txNo: string, arg: Wish): Promise<TransactionSendResult<string, string>> => {
      const inShort = jest.spyOn(Deadline, 'in').mockImplementationOnce(() => before(SHORT_MS));
      const sent = send(txNo, arg);
      inShort.mockRestore();
      return sent;
    };
    const before = Deadline.in.bind(Deadline);

    it('it is answered UNKNOWN while the batch runs on, commits, and tells the broker', async () => {
      const [hurried, patient] = newTxNos(2) as [string, string];
      let letBatchGo: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (letBatchGo = resolve));
      const sent = await sendTogether(() => [short(hurried, 'commit'), send(patient, gate)]);
      letGo.push(letBatchGo);
      await expect(sent[0]).resolves.toEqual({ state: 'UNKNOWN', txNo: hurried });
      expect(heard(hurried)).toEqual([]);
      letBatchGo();
      await expect(sent[1]).resolves.toMatchObject({ state: 'COMMITTED', duplicate: false });
      expect(calls()).toEqual([[hurried, patient]]);
      await expectCommitted(hurried);
      await expectCommitted(patient);
    });

    it('and the batch fails: it is rolled back for good, and not run again for nobody', async () => {
      const [hurried, patient] = newTxNos(2) as [string, string];
      let failBatch: () => void = () => undefined;
      const gate = new Promise<void>((_resolve, reject) => {
        failBatch = () => {
          reject(new Error('the batch fails'));
        };
      });
      gate.catch(() => undefined);
      const sent = await sendTogether(() => [short(hurried, gate), send(patient, 'commit')]);
      letGo.push(failBatch);
      await expect(sent[0]).resolves.toEqual({ state: 'UNKNOWN', txNo: hurried });
      failBatch();
      await expect(sent[1]).resolves.toMatchObject({ state: 'COMMITTED' });
      expect(calls()).toEqual([[hurried, patient], [patient]]);
      await expectRolledBack(hurried);
      await expectCommitted(patient);
    });

    it('and it is still waiting for a batch: it is removed from the queue, and its txNo may be tried again', async () => {
      await holdAll();
      const [txNo] = newTxNos(1) as [string];
      await expect(short(txNo, 'commit')).rejects.toBeInstanceOf(LocalTransactionFailedError);
      await expectRolledBack(txNo);
      for (const open of letGo) open();
      await expect(send(txNo, 'commit')).resolves.toMatchObject({ state: 'COMMITTED', duplicate: false });
      expect(calls()).toEqual([[txNo]]);
    });
  });
});
