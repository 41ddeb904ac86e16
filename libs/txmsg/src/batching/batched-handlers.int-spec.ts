import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { openIdleSession } from '../../test/idle-session.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { FaultInjector, type FaultContext, type FaultPoint } from '../faults/index.js';
import {
  commit,
  ignore,
  MessageListener,
  NestedTransactionOpenError,
  rollback,
  TransactionListener,
  TransactionTemplate,
  TxNoConflictError,
  UnfinishedStatementError,
  type Ignored,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type TransactionSendResult,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';

const EVENT_TOPIC = 'savepoint_event';
const EVENT_GROUP = 'savepoint_event_group';
const CALL_TOPIC = 'savepoint_call';
const BATCH_SIZE = 20;
/** As many batches of callers as run at once: while they are held, whoever comes gathers for one batch. */
const HOLDERS = 8;
const HOLD = 'hold';
const SEND_TIMEOUT_MS = 10_000;

/**
 * How fast the library's clock goes. Slowly, so that a busy machine neither ends a batch early nor makes the next one
 * smaller; the test that is about time lets it go as it does.
 */
const SLOW = 1 / 5;
let clockRate = SLOW;

function slowClockDown(): void {
  const realNow = performance.now.bind(performance);
  let real = realNow();
  let shown = real;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    const now = realNow();
    shown += (now - real) * clockRate;
    real = now;
    return shown;
  });
}

class NoteEvent {
  @IsString()
  txNo!: string;

  @IsOptional()
  @IsString()
  note?: string;
}

type Who = 'callers' | 'messages';

/** What the handler of a txNo does after its own write; without one it is done, or commits. */
type Script = (entityManager: EntityManager) => Promise<'DONE' | 'NOTHING'>;
const scripts = new Map<string, Script>();

async function handle(txNo: string, entityManager: EntityManager): Promise<'DONE' | 'NOTHING'> {
  await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, 'written']);
  return (await scripts.get(txNo)?.(entityManager)) ?? 'DONE';
}

@MessageListener({
  topic: EVENT_TOPIC,
  consumerGroup: EVENT_GROUP,
  payload: NoteEvent,
  concurrency: 1,
  batchSizeMax: BATCH_SIZE,
  attemptsMax: 2,
})
class NoteHandler implements MessageHandler<NoteEvent> {
  async onMessage({ txNo }: NoteEvent, entityManager: EntityManager): Promise<Ignored | undefined> {
    return (await handle(txNo, entityManager)) === 'NOTHING' ? ignore('not ours') : undefined;
  }
}

@TransactionListener({ topic: CALL_TOPIC, producerGroup: 'savepoint_caller', batchSizeMax: BATCH_SIZE })
class NoteListener implements LocalTransactionListener<NoteEvent, unknown, string, string> {
  async executeLocalTransaction(
    { txNo }: NoteEvent,
    _arg: unknown,
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome<string, string>> {
    return (await handle(txNo, entityManager)) === 'NOTHING' ? rollback('refused') : commit('done');
  }
}

/** Writes down which txNos were in each transaction that got as far as its COMMIT. */
class Commits extends FaultInjector {
  readonly of: string[][] = [];
  halfMessages = 0;

  at(point: FaultPoint, { txNo = '', txNos = [txNo] }: FaultContext): Promise<void> {
    if (point === 'half-message.sent') this.halfMessages += 1;
    if (point.endsWith('.before-commit')) this.of.push([...txNos]);
    return Promise.resolve();
  }

  with(txNo: string | undefined): string[][] {
    return this.of.filter((txNos) => txNos.includes(txNo ?? ''));
  }
}

/** An error as InnoDB reports it, but on purpose. */
const reporting =
  (errno: number, sqlState: string): Script =>
  (entityManager) =>
    entityManager.query(
      `SIGNAL SQLSTATE '${sqlState}' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'on purpose'`,
    );
const hanging: Script = () => new Promise(() => undefined);

/** Only the first try: the handler is called again. */
function scriptOnce(txNo: string, script: Script): void {
  scripts.set(txNo, (entityManager) => {
    scripts.delete(txNo);
    return script(entityManager);
  });
}

const nothing: Script = () => Promise.resolve('NOTHING');
const failure: Script = () => Promise.reject(new RangeError('a bug'));

/** In the order in which a batch has them. */
const newTxNos = (count: number): string[] => {
  const unique = randomUUID();
  return Array.from({ length: count }, (_, index) => `${String(index).padStart(2, '0')}-${unique}`);
};

describe('handlers in the single form share transactions', () => {
  const broker = new InMemoryBroker();
  const producer = broker.createProducer(EVENT_TOPIC);
  const commits = new Commits();
  let direct: DataSource;
  let gate: QueryRunner;
  let proxy: MysqlProxy;
  let application: INestApplicationContext;
  let held: Promise<unknown>[] = [];

  const effects = async (txNos: readonly string[]): Promise<string[]> =>
    (
      await direct.query<{ tx_no: string }[]>('SELECT tx_no FROM effect WHERE tx_no IN (?) ORDER BY tx_no', [
        txNos,
      ])
    ).map(({ tx_no }) => tx_no);
  const barrierRows = (txNos: readonly string[]): Promise<{ tx_no: string; outcome: string }[]> =>
    direct.query('SELECT tx_no, outcome FROM de_duplication WHERE tx_no IN (?) ORDER BY tx_no, attempt', [
      txNos,
    ]);

  const untilIdle = (): Promise<unknown> => eventually(() => broker.isIdle(EVENT_TOPIC, EVENT_GROUP));
  const sendEvent = (event: NoteEvent): Promise<unknown> =>
    producer.send(
      { topic: EVENT_TOPIC, key: event.txNo, body: Buffer.from(JSON.stringify(event)), properties: {} },
      1000,
    );
  const sendEvents = (txNos: readonly string[]): Promise<unknown> =>
    Promise.all(txNos.map((txNo) => sendEvent({ txNo })));
  /** So that they are received together. The request that waits already may ask for few, if many were held when it was made. */
  const publish = async (txNos: readonly string[]): Promise<void> => {
    await sendEvents(newTxNos(1));
    await untilIdle();
    await sendEvents(txNos);
  };

  const sendCall = (event: NoteEvent): Promise<TransactionSendResult<string, string>> =>
    application
      .get(TransactionTemplate)
      .sendMessageInTransaction<string, string>(CALL_TOPIC, event, { txNo: event.txNo });
  const send = (txNo: string): Promise<TransactionSendResult<string, string>> => sendCall({ txNo });
  /** What the broker has been told of this call. */
  const resolutions = (txNo: string): readonly string[] =>
    broker.halfMessages(CALL_TOPIC).find(({ message }) => message.keys.includes(txNo))?.resolutions ?? [];
  /**
   * Calls with these txNos while as many transactions as may run wait for a lock, so that they gather for one batch; then
   * lets the transactions that wait go. Waiting for a lock is waiting for the database, so the batch size stays.
   */
  async function sendTogether(
    txNos: readonly string[],
    sendOne = send,
  ): Promise<PromiseSettledResult<TransactionSendResult<string, string>>[]> {
    await gate.query('SELECT GET_LOCK(?, 60)', [HOLD]);
    held = [];
    let waiting = 0;
    // One after another, so that no two of them share a transaction.
    for (const holder of newTxNos(HOLDERS)) {
      scripts.set(holder, async (entityManager) => {
        waiting += 1;
        await entityManager.query('SELECT GET_LOCK(?, 60)', [HOLD]);
        await entityManager.query('SELECT RELEASE_LOCK(?)', [HOLD]);
        return 'DONE';
      });
      held.push(send(holder));
      await eventually(() => waiting === held.length, { timeoutMs: SEND_TIMEOUT_MS });
    }
    const before = commits.halfMessages;
    const sent = txNos.map((txNo) => sendOne(txNo));
    const settled = Promise.allSettled(sent);
    await eventually(() => commits.halfMessages === before + txNos.length, { timeoutMs: SEND_TIMEOUT_MS });
    await gate.query('SELECT RELEASE_LOCK(?)', [HOLD]);
    await Promise.all(held);
    return settled;
  }
  /** A transaction that is carried out lets the next one be twice as large. */
  async function growBatchesOf(who: Who): Promise<void> {
    await (who === 'callers' ? growBatchesOfCallers() : growBatchesOfMessages());
  }
  async function growBatchesOfMessages(): Promise<void> {
    const events = newTxNos(10 * BATCH_SIZE);
    await publish(events);
    await untilIdle();
    expect(Math.max(...events.flatMap((txNo) => commits.with(txNo).map(({ length }) => length)))).toBe(
      BATCH_SIZE,
    );
  }
  async function growBatchesOfCallers(): Promise<void> {
    await send(randomUUID());
    for (let size = 2; size < BATCH_SIZE; size *= 2) await sendTogether(newTxNos(size));
    const all = newTxNos(BATCH_SIZE);
    await sendTogether(all);
    expect(commits.with(all[0])).toEqual([all]);
  }

  beforeAll(async () => {
    slowClockDown();
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    const url = await createLibraryDatabase('savepoints');
    direct = await openDataSource(url);
    gate = await openIdleSession(direct);
    proxy = await MysqlProxy.start(url);
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [NoteHandler, NoteListener],
      // No statement of anything but the transactions passes by the proxy.
      options: { sendTimeoutMs: SEND_TIMEOUT_MS, handlerTimeoutMs: SEND_TIMEOUT_MS, retentionIntervalMs: 0 },
      transport: broker,
      faults: commits,
    });
    producer.start();
    await eventually(() => send(randomUUID()));
    for (const who of ['callers', 'messages'] as const) await growBatchesOf(who);
  });
  afterAll(async () => {
    await producer.close(1000);
    await application.close();
    await gate.release();
    await direct.destroy();
    await proxy.close();
    broker.close();
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    scripts.clear();
    clockRate = SLOW;
  });
  afterEach(async () => {
    await gate.query('SELECT RELEASE_ALL_LOCKS()');
    await Promise.allSettled(held);
  });

  it('of 20 callers, 3 fail and 2 are refused: 15 commit in one COMMIT, and each gets its own outcome', async () => {
    const txNos = newTxNos(20);
    const failing = [0, 7, 19].map((index) => txNos[index] ?? '');
    const refused = [3, 12].map((index) => txNos[index] ?? '');
    for (const txNo of failing) scripts.set(txNo, failure);
    for (const txNo of refused) scripts.set(txNo, nothing);
    const results = await sendTogether(txNos);
    expect(commits.with(txNos[0])).toEqual([txNos]);
    results.forEach((result, index) => {
      const txNo = txNos[index] ?? '';
      if (failing.includes(txNo))
        expect(result).toEqual({ status: 'rejected', reason: new RangeError('a bug') });
      else if (refused.includes(txNo))
        expect(result).toMatchObject({ value: { state: 'ROLLED_BACK', txNo, refusal: 'refused' } });
      else expect(result).toMatchObject({ value: { state: 'COMMITTED', duplicate: false, result: 'done' } });
    });
    const kept = txNos.filter((txNo) => !failing.includes(txNo) && !refused.includes(txNo));
    expect(await effects(txNos)).toEqual(kept);
    // The row of the txNo and that of the attempt; of the others only that of the attempt.
    expect(await barrierRows(txNos)).toEqual(
      txNos.flatMap((tx_no) =>
        kept.includes(tx_no)
          ? [
              { tx_no, outcome: 'COMMIT' },
              { tx_no, outcome: 'COMMIT' },
            ]
          : [{ tx_no, outcome: 'ROLLBACK' }],
      ),
    );
    for (const txNo of txNos) {
      await eventually(() => resolutions(txNo).length > 0, { timeoutMs: SEND_TIMEOUT_MS });
      expect(resolutions(txNo)).toEqual([kept.includes(txNo) ? 'COMMIT' : 'ROLLBACK']);
    }
    scripts.clear();
    for (const txNo of [...failing, ...refused])
      await expect(send(txNo)).resolves.toMatchObject({ state: 'COMMITTED', duplicate: false });
  });

  it('of 20 messages, 3 fail and 2 are ignored: 15 are consumed in one COMMIT, and each has its own ending', async () => {
    const txNos = newTxNos(20);
    const failing = [0, 7, 19].map((index) => txNos[index] ?? '');
    const ignored = [3, 12].map((index) => txNos[index] ?? '');
    const ended = txNos.filter((txNo) => !failing.includes(txNo));
    const kept = ended.filter((txNo) => !ignored.includes(txNo));
    for (const txNo of failing) scripts.set(txNo, failure);
    for (const txNo of ignored) scripts.set(txNo, nothing);
    await publish(txNos);
    await untilIdle();
    expect(commits.with(txNos[1])).toEqual([txNos]);
    expect(await effects(txNos)).toEqual(kept);
    expect(await barrierRows(txNos)).toEqual(kept.map((tx_no) => ({ tx_no, outcome: 'COMMIT' })));
    // Each failed twice, as often as attemptsMax allows: once in the batch, and once when it was delivered again.
    expect(
      await direct.query('SELECT tx_no, reason, detail FROM dead_letter WHERE tx_no IN (?) ORDER BY tx_no', [
        txNos,
      ]),
    ).toEqual(failing.map((tx_no) => ({ tx_no, reason: 'HANDLER_FAILED', detail: 'RangeError: a bug' })));
  });

  it('a handler that leaves something unfinished fails alone, and nothing of it is stored', async () => {
    const txNos = newTxNos(5);
    const [, statement = '', nested = '', inner = ''] = txNos;
    scripts.set(statement, (entityManager) => {
      void entityManager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'late')", [statement]);
      return Promise.resolve('DONE');
    });
    scripts.set(nested, async (entityManager) => {
      await new Promise<void>((begun) => {
        void entityManager.transaction(() => {
          begun();
          return new Promise(() => undefined);
        });
      });
      return 'DONE';
    });
    scripts.set(inner, async (entityManager) => {
      const undone = entityManager.transaction(async (innerManager) => {
        await innerManager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'undone')", [inner]);
        throw new Error('only the inner one');
      });
      await undone.catch(() => undefined);
      return 'DONE';
    });
    const results = await sendTogether(txNos);
    expect(commits.with(txNos[0])).toEqual([txNos]);
    expect(
      results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : 'done')),
    ).toEqual([
      'done',
      expect.any(UnfinishedStatementError),
      expect.any(NestedTransactionOpenError),
      'done',
      'done',
    ]);
    expect(await effects(txNos)).toEqual(txNos.filter((txNo) => txNo !== statement && txNo !== nested));
  });

  it('a handler that keeps its EntityManager cannot write into the part of the next one', async () => {
    const txNos = newTxNos(3);
    let kept: EntityManager | undefined;
    let late: Promise<unknown> | undefined;
    scripts.set(txNos[0] ?? '', (entityManager) => {
      kept = entityManager;
      return Promise.resolve('DONE');
    });
    scripts.set(txNos[1] ?? '', () => {
      late = kept?.query("INSERT INTO effect (tx_no, note) VALUES (?, 'late')", [txNos[0]]);
      late?.catch(() => undefined);
      return Promise.resolve('DONE');
    });
    await sendTogether(txNos);
    await expect(late).rejects.toMatchObject({ code: 'TXMSG_TRANSACTION_OVER' });
    expect(await effects(txNos)).toEqual(txNos);
  });

  const deadlocked = reporting(1213, '40001');
  const waitedTooLong = reporting(1205, 'HY000');
  const cutOff: Script = (entityManager) => {
    void proxy.at(/cut off here/, 'cut-before');
    return entityManager.query("SELECT 'cut off here'");
  };

  it.each<[string, Who, Script]>([
    ['a deadlock', 'callers', deadlocked],
    ['a deadlock', 'messages', deadlocked],
    ['a lock timeout', 'callers', waitedTooLong],
    ['a lock timeout', 'messages', waitedTooLong],
    ['a lost connection', 'callers', cutOff],
    ['a lost connection', 'messages', cutOff],
    // Callers have no more time then than their batch had.
    ['the end of its time', 'messages', hanging],
  ])('after %s in the middle all %s of the batch are done one by one', async (_trouble, who, meet) => {
    const txNos = newTxNos(5);
    scriptOnce(txNos[2] ?? '', meet);
    if (who === 'callers') {
      const results = await sendTogether(txNos);
      for (const result of results) expect(result).toMatchObject({ value: { state: 'COMMITTED' } });
    } else {
      await publish(txNos);
      await untilIdle();
    }
    for (const txNo of txNos) expect(commits.with(txNo)).toEqual([[txNo]]);
    expect(await effects(txNos)).toEqual(txNos);
    await growBatchesOf(who);
  });

  it('when the time of a batch ends in the middle, its callers do not know, and nothing is done for any of them', async () => {
    const txNos = newTxNos(3);
    scriptOnce(txNos[1] ?? '', hanging);
    const results = await sendTogether(txNos, (txNo) => {
      // So that nobody waits any more when the batch's time ends.
      const short = Deadline.in(SEND_TIMEOUT_MS / 2);
      const spy = jest.spyOn(Deadline, 'in').mockReturnValueOnce(short);
      const sent = send(txNo);
      spy.mockRestore();
      return sent;
    });
    for (const result of results) expect(result).toMatchObject({ value: { state: 'UNKNOWN' } });
    for (const txNo of txNos) {
      await eventually(async () => {
        await broker.runCheckBacks();
        return resolutions(txNo).length > 0;
      });
      expect(resolutions(txNo)).toEqual(['ROLLBACK']);
      expect(commits.with(txNo)).toEqual([]);
    }
    expect(await effects(txNos)).toEqual([]);
    for (const txNo of txNos)
      await expect(send(txNo)).resolves.toMatchObject({ state: 'COMMITTED', duplicate: false });
    await growBatchesOf('callers');
  });

  it.each<Who>(['callers', 'messages'])(
    'a txNo that was done before, or with other contents, costs its neighbours nothing: %s',
    async (who) => {
      const txNos = newTxNos(4);
      const [first = '', done = '', used = ''] = txNos;
      const other = { txNo: used, note: 'other' };
      if (who === 'callers') {
        await send(done);
        await sendCall(other);
        expect(await sendTogether(txNos)).toMatchObject([
          { value: { state: 'COMMITTED', duplicate: false } },
          { value: { state: 'COMMITTED', duplicate: true } },
          { reason: expect.any(TxNoConflictError) },
          { value: { state: 'COMMITTED', duplicate: false } },
        ]);
      } else {
        await publish([done]);
        await sendEvent(other);
        await untilIdle();
        await publish(txNos);
        await untilIdle();
        expect(
          await direct.query('SELECT tx_no, reason FROM dead_letter WHERE tx_no IN (?)', [txNos]),
        ).toEqual([{ tx_no: used, reason: 'TX_NO_CONFLICT' }]);
      }
      expect(commits.with(first)).toEqual([txNos]);
      expect(await effects(txNos)).toEqual(txNos);
    },
  );

  it('each hears the truth when the connection is cut after the server applied the COMMIT', async () => {
    const txNos = newTxNos(4);
    let cut: Promise<void> | undefined;
    scripts.set(txNos[1] ?? '', failure);
    scripts.set(txNos[2] ?? '', nothing);
    scripts.set(txNos[3] ?? '', () => {
      cut = proxy.at(/^COMMIT$/, 'cut-after');
      return Promise.resolve('DONE');
    });
    const results = await sendTogether(txNos);
    await cut;
    expect(commits.with(txNos[0])).toEqual([txNos]);
    expect(results).toMatchObject([
      { value: { state: 'COMMITTED' } },
      { reason: new RangeError('a bug') },
      { value: { state: 'ROLLED_BACK' } },
      { value: { state: 'COMMITTED' } },
    ]);
  });

  it('a batch that has used up its share of the time commits what it has; the others follow one by one', async () => {
    const txNos = newTxNos(3);
    scripts.set(txNos[1] ?? '', async (entityManager) => {
      clockRate = 1;
      // More than an eighth of the time.
      await entityManager.query('SELECT SLEEP(1.5)');
      clockRate = SLOW;
      return 'DONE';
    });
    const results = await sendTogether(txNos);
    for (const result of results) expect(result).toMatchObject({ value: { state: 'COMMITTED' } });
    expect(commits.with(txNos[0])).toEqual([txNos]);
    expect(commits.with(txNos[2])).toEqual([txNos, [txNos[2]]]);
    expect(await effects(txNos)).toEqual(txNos);
    expect(await barrierRows(txNos)).toHaveLength(6);
    await growBatchesOf('callers');
  });
});
