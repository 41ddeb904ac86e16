import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { Attributes } from '@opentelemetry/api';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { LOCK, whileLocked, withIdleSession } from '../../test/idle-session.js';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { TelemetrySdk, type MetricPoint } from '../../test/telemetry-sdk.js';
import { DatabaseTransactions as Transactions, ReservedConnections } from '../database/index.js';
import { FaultInjector, type FaultContext, type FaultPoint } from '../faults/index.js';
import {
  commit,
  Deadline,
  DurableJob,
  DurableJobs,
  JobPostponedError,
  MessageListener,
  rollback,
  TransactionListener,
  TransactionTemplate,
  type DurableJobHandler,
  type BatchLocalTransactionListener,
  type LocalTransactionItem,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type RunningJob,
  type StepResult,
} from '../index.js';
import { METRIC, OWN_METRIC } from '../telemetry/names.js';
import { eventually, InMemoryBroker, MysqlProxy } from '../testing/index.js';
import { BACKLOG } from './outbox-backlog.reading.js';
import { OPEN_DEAD_LETTERS } from './open-dead-letters.reading.js';

class Note {
  @IsString()
  readonly txNo!: string;
}

/** How often the handler of a txNo is still to fail. */
const failures = new Map<string, number>();
/** The txNos whose handler was called. */
const called = new Set<string>();

@TransactionListener({ topic: 't_note', producerGroup: 'p_note' })
class NoteSender implements LocalTransactionListener<Note, 'refuse' | undefined> {
  executeLocalTransaction(_note: Note, arg: 'refuse' | undefined): Promise<LocalTransactionOutcome> {
    return Promise.resolve(arg === 'refuse' ? rollback('refused') : commit(undefined));
  }
}

/** What local transactions of the batch form wait for, by txNo. */
const gates = new Map<string, Promise<void>>();
/** Each of their batches. */
const batches: string[][] = [];

@TransactionListener({ topic: 't_batch', producerGroup: 'p_batch' })
class BatchSender implements BatchLocalTransactionListener<Note> {
  async executeLocalTransactions(
    items: readonly LocalTransactionItem<Note>[],
  ): Promise<LocalTransactionOutcome[]> {
    batches.push(items.map(({ txNo }) => txNo));
    await Promise.all(items.map(({ txNo }) => gates.get(txNo) ?? Promise.resolve()));
    return items.map(() => commit(undefined));
  }
}

@MessageListener({
  topic: 't_note',
  consumerGroup: 'c_note',
  payload: Note,
  attemptsMax: 2,
  concurrency: 2,
})
class NoteReceiver implements MessageHandler<Note> {
  async onMessage({ txNo }: Note, entityManager: EntityManager): Promise<void> {
    called.add(txNo);
    // A test that holds the lock keeps it waiting for the database, which slows no batch down.
    await entityManager.query(`DO GET_LOCK(${LOCK}, 9), RELEASE_LOCK(${LOCK})`);
    const left = failures.get(txNo) ?? 0;
    failures.set(txNo, left - 1);
    if (left > 0) throw new RangeError('the handler failed');
  }
}

@DurableJob({ kind: 'k_note', attemptsMax: 1 })
class NoteJob implements DurableJobHandler<{ waits: boolean }> {
  step({ input }: RunningJob<{ waits: boolean }>): Promise<StepResult> {
    throw input.waits ? new JobPostponedError('it waits', 3_600_000) : new RangeError('the step failed');
  }
}

/** Runs what a test hangs on a fault point, once. */
class Hooks extends FaultInjector {
  readonly hooks = new Map<FaultPoint, (context: FaultContext) => void>();

  at(point: FaultPoint, context: FaultContext): Promise<void> {
    const hook = this.hooks.get(point);
    this.hooks.delete(point);
    hook?.(context);
    return Promise.resolve();
  }
}

const TOPIC = { 'messaging.destination.name': 't_note' };
const GROUP = { ...TOPIC, 'messaging.consumer.group.name': 'c_note' };
const CLIENT = { 'messaging.system': 'rocketmq', ...TOPIC };

describe('the metrics of the library', () => {
  let sdk: TelemetrySdk;
  let application: INestApplicationContext;
  let direct: DataSource;
  let proxy: MysqlProxy;
  const broker = new InMemoryBroker();
  const hooks = new Hooks();

  /** The points whose labels have all of these, as one scrape sees them. */
  const scraped = async (name: string, labels: Attributes = {}): Promise<MetricPoint[]> =>
    (await sdk.points(name)).filter((point) =>
      Object.entries(labels).every(([label, value]) => point.labels[label] === value),
    );
  /** The same, of a scrape for which the database answered in time: else its gauges are NaN. */
  const points = (name: string, labels: Attributes = {}): Promise<MetricPoint[]> =>
    eventually(async () => {
      const found = await scraped(name, labels);
      return found.some(({ value }) => Number.isNaN(value)) ? false : found;
    });
  /** What was counted under exactly these labels; for a histogram, how many values there were. */
  const total = async (name: string, labels: Attributes): Promise<number> => {
    const exact = (await points(name, labels)).filter(
      (point) => Object.keys(point.labels).length === Object.keys(labels).length,
    );
    return exact[0]?.count ?? exact[0]?.value ?? 0;
  };
  /** How much was counted while `work` ran, once it is `expected`. */
  const counts = async (expected: [string, Attributes, number][], work: () => unknown): Promise<void> => {
    const before = await Promise.all(expected.map(([name, labels]) => total(name, labels)));
    await work();
    await eventually(async () => {
      const after = await Promise.all(expected.map(([name, labels]) => total(name, labels)));
      expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual(
        expected.map(([, , value]) => value),
      );
    });
  };
  /** A check-back that could not read the barrier in time is answered UNKNOWN, and the broker asks again. */
  const checkBackUntil = (answered: 'COMMIT' | 'ROLLBACK'): Promise<unknown> =>
    eventually(async () => (await broker.runCheckBacks()).includes(answered));
  /** Stores an open dead letter of that group. */
  const storeLetter = (consumerGroup: string): Promise<unknown> =>
    direct.query(
      `INSERT INTO dead_letter (consumer_group, topic, message_id, dedup_key, reason, body)
       VALUES (?, 't', 'm', REPEAT('k', 32), 'EXPIRED', '{}')`,
      [consumerGroup],
    );
  const send = (txNo = randomUUID(), arg?: 'refuse'): Promise<unknown> =>
    application.get(TransactionTemplate).sendMessageInTransaction('t_note', { txNo }, { txNo, arg });
  const operation = (name: string): Attributes => ({
    ...CLIENT,
    'messaging.operation.name': name,
    ...(name === 'send' ? {} : { 'messaging.consumer.group.name': 'c_note' }),
  });
  const outcome = (value: string): Attributes => ({ ...TOPIC, 'txmsg.outcome': value });
  const answer = (value: string): Attributes => ({ ...TOPIC, 'txmsg.answer': value });
  const state = (value: string): Attributes => ({ ...TOPIC, 'txmsg.state': value });
  const role = (value: string): Attributes => ({ ...TOPIC, 'txmsg.role': value });

  beforeAll(async () => {
    sdk = new TelemetrySdk();
    const url = await createLibraryDatabase('metrics');
    direct = await openDataSource(url);
    proxy = await MysqlProxy.start(url);
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [NoteSender, BatchSender, NoteReceiver, NoteJob],
      // A test keeps a handler waiting for several messages.
      options: { outbox: { topics: ['t_result'] }, retentionIntervalMs: 0, handlerTimeoutMs: 14_000 },
      transport: broker,
      faults: hooks,
    });
  });
  afterEach(() => {
    proxy.up();
    broker.faults.comeUp();
    hooks.hooks.clear();
  });
  afterAll(async () => {
    await application.close();
    await direct.destroy();
    await proxy.close();
    broker.close();
    sdk.end();
  });

  it('tell 0 of each answer before the first call, so that a burst of them is seen to be an increase', async () => {
    const told = await points(OWN_METRIC.sends, TOPIC);
    expect(told.map(({ labels, value }) => [labels['txmsg.state'], value]).sort()).toEqual([
      ['COMMITTED', 0],
      ['FAILED', 0],
      ['ROLLED_BACK', 0],
      ['UNKNOWN', 0],
    ]);
  });

  it('count and time a message that is sent, consumed and acknowledged', async () => {
    await counts(
      [
        [METRIC.operationDuration, operation('send'), 1],
        [METRIC.operationDuration, operation('ack'), 1],
        [METRIC.sentMessages, operation('send'), 1],
        [METRIC.consumedMessages, operation('receive'), 1],
        [METRIC.processDuration, operation('process'), 1],
        [OWN_METRIC.sends, state('COMMITTED'), 1],
        [OWN_METRIC.localTransactionDuration, outcome('COMMIT'), 1],
        [OWN_METRIC.endToEndDuration, GROUP, 1],
        [OWN_METRIC.batchSize, role('producer'), 1],
        [OWN_METRIC.batchSize, role('consumer'), 1],
        [OWN_METRIC.redeliveries, GROUP, 0],
      ],
      () => send(),
    );
    expect(await total(METRIC.operationDuration, operation('receive'))).toBeGreaterThan(0);
    for (const name of [
      METRIC.operationDuration,
      METRIC.processDuration,
      OWN_METRIC.localTransactionDuration,
      OWN_METRIC.endToEndDuration,
    ]) {
      for (const { value } of await points(name)) {
        // In seconds, of something that is quick but took time.
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(120);
      }
    }
  });

  it('name the class of the error when a request to the broker fails', async () => {
    broker.faults.goDown();
    const failed = { ...operation('send'), 'error.type': 'BrokerNotReadyError' };
    await counts(
      [
        [METRIC.operationDuration, failed, 1],
        [METRIC.sentMessages, failed, 1],
        [OWN_METRIC.sends, state('FAILED'), 1],
      ],
      () => expect(send()).rejects.toThrow('half message'),
    );
  });

  it('count a local transaction that is refused', async () => {
    await counts(
      [
        [OWN_METRIC.sends, state('ROLLED_BACK'), 1],
        [OWN_METRIC.localTransactionDuration, outcome('ROLLBACK'), 1],
      ],
      () => send(randomUUID(), 'refuse'),
    );
  });

  it('count a COMMIT without an answer, and a local transaction whose outcome stays unknown', async () => {
    // Armed as late as that: the outbox and the jobs send a COMMIT now and then as well.
    hooks.hooks.set('local-transaction.before-commit', () => {
      void proxy.at(/^COMMIT$/, 'cut-after').then(() => {
        proxy.down();
      });
    });
    await counts(
      [
        [OWN_METRIC.localTransactionDuration, outcome('UNKNOWN'), 1],
        [OWN_METRIC.sends, state('UNKNOWN'), 1],
        [OWN_METRIC.unknownCommits, role('producer'), 1],
      ],
      async () => {
        try {
          await expect(send()).resolves.toMatchObject({ state: 'UNKNOWN' });
        } finally {
          proxy.up();
        }
      },
    );
    await counts(
      [
        [OWN_METRIC.checkBacks, answer('COMMIT'), 1],
        [METRIC.operationDuration, operation('ack'), 1],
      ],
      () => checkBackUntil('COMMIT'),
    );
  });

  it('count UNKNOWN for a caller whose time ends while its batch runs, though the batch commits later', async () => {
    const topic = { 'messaging.destination.name': 't_batch' };
    const sent = { ...CLIENT, ...topic, 'messaging.operation.name': 'send' };
    const opens: (() => void)[] = [];
    const start = (txNo: string, isHeld: boolean): Promise<unknown> => {
      if (isHeld) gates.set(txNo, new Promise((resolve) => opens.push(resolve)));
      return application.get(TransactionTemplate).sendMessageInTransaction('t_batch', { txNo }, { txNo });
    };
    await counts(
      [
        [OWN_METRIC.sends, { ...topic, 'txmsg.state': 'UNKNOWN' }, 1],
        [OWN_METRIC.sends, { ...topic, 'txmsg.state': 'COMMITTED' }, 3],
        [OWN_METRIC.localTransactionDuration, { ...topic, 'txmsg.outcome': 'COMMIT' }, 4],
        [OWN_METRIC.localTransactionDuration, { ...topic, 'txmsg.outcome': 'UNKNOWN' }, 0],
      ],
      async () => {
        // As many transactions as run at once, so that the next two wait for each other.
        const held = [start('held-1', true)];
        await eventually(() => batches.length === 1);
        held.push(start('held-2', true));
        await eventually(() => batches.length === 2);
        // Time for its batch to begin; the others, which wait for it, have the 14 s of test/library-application.ts.
        const short = Deadline.in(7000);
        const inShort = jest.spyOn(Deadline, 'in').mockReturnValueOnce(short);
        const hurried = start('hurried', true);
        inShort.mockRestore();
        const patient = start('patient', false);
        await eventually(async () => (await total(METRIC.sentMessages, sent)) === 4);
        opens[0]?.();
        await expect(hurried).resolves.toMatchObject({ state: 'UNKNOWN' });
        for (const open of opens) open();
        await Promise.all([...held, patient]);
        expect(batches.slice(2)).toEqual([['hurried', 'patient']]);
      },
    );
  });

  it('count a consumer whose COMMIT was not confirmed', async () => {
    const expected: [string, Attributes, number][] = [
      [OWN_METRIC.unknownCommits, role('consumer'), 1],
      [OWN_METRIC.redeliveries, GROUP, 1],
      [METRIC.operationDuration, operation('ack'), 1],
    ];
    await counts(expected, () => {
      hooks.hooks.set('consume.before-commit', ({ dropConnection }) => dropConnection?.());
      return send();
    });
  });

  it('count check-backs by their answers', async () => {
    broker.faults.loseNext('HALF_MESSAGE_RECEIPT');
    await expect(send()).rejects.toThrow('half message');
    await counts([[OWN_METRIC.checkBacks, answer('ROLLBACK'), 1]], () => checkBackUntil('ROLLBACK'));
    const foreign = broker.createTransactionalProducer('t_note', () => Promise.resolve('UNKNOWN'));
    foreign.start();
    await foreign.sendHalfMessage(
      { topic: 't_note', key: 'foreign', body: Buffer.from('{}'), properties: {} },
      1000,
    );
    await foreign.close(1000);
    await counts([[OWN_METRIC.checkBacks, answer('UNKNOWN'), 1]], () => broker.runCheckBacks());
  });

  it('count what is done twice', async () => {
    const txNo = randomUUID();
    broker.faults.deliverTwice();
    await counts([[OWN_METRIC.duplicates, role('consumer'), 1]], () => send(txNo));
    await counts([[OWN_METRIC.duplicates, role('producer'), 1]], () => send(txNo));
  });

  it('count redeliveries and dead letters, and look up which are open', async () => {
    const txNo = randomUUID();
    failures.set(txNo, 2);
    const letters = { 'messaging.consumer.group.name': 'c_note', 'txmsg.reason': 'HANDLER_FAILED' };
    await counts(
      [
        [OWN_METRIC.redeliveries, GROUP, 1],
        [OWN_METRIC.deadLettersStored, letters, 1],
        [OWN_METRIC.deadLettersOpen, letters, 1],
        [OWN_METRIC.deadLettersOpen, { ...letters, 'txmsg.reason': 'POISON' }, 0],
        [METRIC.processDuration, { ...operation('process'), 'error.type': 'RangeError' }, 2],
      ],
      () => send(txNo),
    );
    // Known groups are told of when there is none.
    expect(await points(OWN_METRIC.deadLettersOpen, { 'txmsg.reason': 'POISON' })).toHaveLength(1);
  });

  it('measure how many messages share a transaction', async () => {
    const sum = async (): Promise<number> =>
      (await points(OWN_METRIC.batchSize, role('consumer')))[0]?.value ?? 0;
    const before = { sum: await sum(), count: await total(OWN_METRIC.batchSize, role('consumer')) };
    const consumed = await total(METRIC.consumedMessages, operation('receive'));
    await whileLocked(direct, async () => {
      // As many handlers as run at once, each of them alone; the other messages wait for them.
      for (const txNo of [randomUUID(), randomUUID()]) {
        await send(txNo);
        await eventually(() => called.has(txNo));
      }
      await Promise.all(Array.from({ length: 6 }, () => send()));
    });
    await eventually(async () => (await sum()) - before.sum === 8);
    expect((await total(OWN_METRIC.batchSize, role('consumer'))) - before.count).toBeLessThan(8);
    expect((await total(METRIC.consumedMessages, operation('receive'))) - consumed).toBe(8);
  });

  it('look up how many rows of the outbox wait, and how long the oldest has', async () => {
    const topic = { 'messaging.destination.name': 't_result' };
    expect(await points(OWN_METRIC.outboxPending)).toEqual([{ labels: topic, value: 0 }]);
    expect(await points(OWN_METRIC.outboxOldestAge)).toEqual([{ labels: topic, value: 0 }]);
    broker.faults.goDown();
    await direct.query(
      `INSERT INTO local_message (topic, tx_no, body, create_time)
       VALUES ('t_result', 'a', '{}', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR), ('t_result', 'b', '{}', UTC_TIMESTAMP(3))`,
    );
    expect(await points(OWN_METRIC.outboxPending)).toEqual([{ labels: topic, value: 2 }]);
    const [oldest] = await points(OWN_METRIC.outboxOldestAge);
    expect(oldest?.value).toBeGreaterThanOrEqual(3600);
    expect(oldest?.value).toBeLessThan(3900);
    broker.faults.comeUp();
    const sent = { ...operation('send'), ...topic };
    await eventually(async () => (await total(METRIC.sentMessages, sent)) === 2);
    await eventually(async () => (await points(OWN_METRIC.outboxPending))[0]?.value === 0);
  });

  it('count no more than 10 000 rows, by an index', async () => {
    const rows = JSON.stringify(Array.from({ length: 1001 }, () => 0));
    await direct.query(
      `INSERT INTO local_message (topic, tx_no, body, next_attempt_at)
       SELECT 't_result', 'x', '{}', UTC_TIMESTAMP(3) + INTERVAL 1 DAY
       FROM JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY)) AS a
       JOIN JSON_TABLE('[0,0,0,0,0,0,0,0,0,0]', '$[*]' COLUMNS (n FOR ORDINALITY)) AS b`,
      [rows],
    );
    try {
      expect((await points(OWN_METRIC.outboxPending))[0]?.value).toBe(10_000);
      const plan = await direct.query<object[]>(`EXPLAIN ${BACKLOG}`, ['t_result']);
      expect(plan).toContainEqual(
        expect.objectContaining({
          key: 'state_topic_next_attempt_at',
          Extra: expect.stringMatching(/Using index/) as unknown,
        }),
      );
      expect(JSON.stringify(plan)).not.toContain('filesort');
      const letters = await direct.query<object[]>(`EXPLAIN ${OPEN_DEAD_LETTERS}`);
      expect(letters).toContainEqual(expect.objectContaining({ key: 'state_create_time' }));
    } finally {
      await direct.query('DELETE FROM local_message');
    }
  });

  it('tell the jobs that are under way, and those that have failed', async () => {
    const jobs = application.get(DurableJobs);
    await application.get(Transactions).run(
      async ({ entityManager }) => {
        await jobs.start(entityManager, { kind: 'k_note', key: 'waits', input: { waits: true } });
        await jobs.start(entityManager, { kind: 'k_note', key: 'fails', input: { waits: false } });
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(10_000) },
    );
    const inState = async (state: string): Promise<number[]> =>
      (await points(OWN_METRIC.jobs, { 'txmsg.job.kind': 'k_note', 'txmsg.state': state })).map(
        ({ value }) => value,
      );
    await eventually(async () => {
      expect(await inState('FAILED')).toEqual([1]);
      expect(await inState('PENDING')).toEqual([1]);
    });
    await direct.query('DELETE FROM durable_job');
  });

  it('look up who waits for a connection', async () => {
    const pool = (name: string): Attributes => ({ 'txmsg.pool': name });
    expect(await total(OWN_METRIC.poolWaiters, pool('main'))).toBe(0);
    // Each of them holds a connection until the lock is released.
    const get = `DO GET_LOCK(${LOCK}, 60), RELEASE_LOCK(${LOCK})`;
    const transactions = application.get(Transactions);
    const reserved = application.get(ReservedConnections);
    const waiting = await whileLocked(direct, async () => {
      const main = Array.from({ length: 12 }, () =>
        transactions.autocommit(120_000, (entityManager) => entityManager.query(get)),
      );
      const reserve = Array.from({ length: 3 }, () => reserved.execute(get, [], Deadline.in(120_000)));
      await eventually(async () => {
        expect(await total(OWN_METRIC.poolWaiters, pool('main'))).toBeGreaterThanOrEqual(2);
        expect(await total(OWN_METRIC.poolWaiters, pool('reserve'))).toBe(1);
      });
      return [...main, ...reserve];
    });
    await Promise.all(waiting);
    expect(await total(OWN_METRIC.poolWaiters, pool('main'))).toBe(0);
  });

  it('leave a gap where a gauge cannot be read, and count that', async () => {
    const letters = { 'messaging.consumer.group.name': 'c_gap' };
    const failed = { 'txmsg.reading': 'dead_letters' };
    const open = async (): Promise<number[]> =>
      (await points(OWN_METRIC.deadLettersOpen, letters)).map(({ value }) => value);
    await storeLetter('c_gap');
    await eventually(async () => {
      expect(await open()).toEqual([1]);
    });
    const before = await total(OWN_METRIC.readingsFailed, failed);
    await direct.query('RENAME TABLE dead_letter TO dead_letter_away');
    try {
      const gap = await scraped(OWN_METRIC.deadLettersOpen, letters);
      expect(gap.map(({ value }) => value)).toEqual([NaN]);
      expect((await points(OWN_METRIC.outboxPending)).map(({ value }) => value)).toEqual([0]);
    } finally {
      await direct.query('RENAME TABLE dead_letter_away TO dead_letter');
    }
    expect((await total(OWN_METRIC.readingsFailed, failed)) - before).toBeGreaterThan(0);
    expect(await open()).toEqual([1]);
  });

  it('tell 0 of a group that is gone with its last open dead letter', async () => {
    const gone = { 'messaging.consumer.group.name': 'c_gone' };
    const values = async (): Promise<number[]> =>
      (await points(OWN_METRIC.deadLettersOpen, gone)).map(({ value }) => value);
    await storeLetter('c_gone');
    await eventually(async () => {
      expect(await values()).toEqual([1]);
    });
    await direct.query("DELETE FROM dead_letter WHERE consumer_group = 'c_gone'");
    expect(await values()).toEqual([0]);
  });

  it('are collected all the same while the database does not answer', async () => {
    const failed = { 'txmsg.reading': 'outbox' };
    const before = await total(OWN_METRIC.readingsFailed, failed);
    await withIdleSession(direct, async (frozen) => {
      await frozen.query('LOCK TABLES local_message WRITE, dead_letter WRITE');
      try {
        await Promise.all([sdk.collect(), sdk.collect()]);
        // Two scrapes at once share one look at the database; the second one is that of this scrape.
        expect(await total(OWN_METRIC.readingsFailed, failed)).toBe(before + 2);
        expect((await scraped(OWN_METRIC.outboxPending)).map(({ value }) => value)).toEqual([NaN]);
      } finally {
        await frozen.query('UNLOCK TABLES');
      }
    });
  });

  it('have every metric of the documented table, and no other', async () => {
    const seen = (await sdk.collect()).filter(({ dataPoints }) => dataPoints.length > 0);
    expect(seen.map(({ descriptor }) => descriptor.name).sort()).toEqual(
      [...Object.values(METRIC), ...Object.values(OWN_METRIC)].sort(),
    );
  });

  it('hold no txNo in any label', async () => {
    const labels = (await sdk.collect()).flatMap(({ dataPoints }) =>
      dataPoints.map((point) => point.attributes),
    );
    expect(JSON.stringify(labels)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('are not looked up any more once the application is closed', async () => {
    const failed = { 'txmsg.reading': 'outbox' };
    const before = await total(OWN_METRIC.readingsFailed, failed);
    await application.close();
    // Neither throws nor asks a database that is closed.
    await sdk.collect();
    expect(await total(OWN_METRIC.readingsFailed, failed)).toBe(before);
  });
});
