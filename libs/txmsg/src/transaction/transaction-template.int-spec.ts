import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { DeliveredNotes, type Note } from '../../test/delivered-notes.js';
import { withIdleSession } from '../../test/idle-session.js';
import { createTopic, openTransport, startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { FaultInjector, type FaultContext, type FaultPoint } from '../faults/index.js';
import {
  CommitOutcomeUnknownError,
  ContentsNotJsonError,
  HalfMessageNotSentError,
  InvalidArgumentError,
  LocalTransactionFailedError,
  TransactionFencedError,
  TransactionTemplate,
  TxNoConflictError,
  commit,
  rollback,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from '../index.js';
import { eventually } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';
import { RecordingTransport } from '../../test/recording-transport.js';
import { TransactionListener } from './transaction-listener.decorator.js';

type Script = (
  entityManager: EntityManager,
  payload: Note,
) => Promise<LocalTransactionOutcome<string, string>>;

const names = await createTopic('template', 'TRANSACTION');

/** Writes one row, or whatever the caller's `arg` says. */
@TransactionListener({ topic: names.topic, producerGroup: names.producerGroup })
class NoteListener implements LocalTransactionListener<Note, Script | undefined, string, string> {
  async executeLocalTransaction(
    payload: Note,
    script: Script | undefined,
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome<string, string>> {
    const { txNo, note } = payload;
    await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, note]);
    return script === undefined ? commit(`done ${note}`) : script(entityManager, payload);
  }
}

/** Runs what a test hangs on a fault point, once. */
class Hooks extends FaultInjector {
  readonly hooks = new Map<FaultPoint, (context: FaultContext) => Promise<void>>();

  async at(point: FaultPoint, context: FaultContext): Promise<void> {
    const hook = this.hooks.get(point);
    this.hooks.delete(point);
    await hook?.(context);
  }
}

interface Service {
  readonly application: INestApplicationContext;
  readonly template: TransactionTemplate;
  readonly transport: RecordingTransport;
  readonly hooks: Hooks;
}

async function startService(databaseUrl: string): Promise<Service> {
  const transport = new RecordingTransport(await openTransport());
  const hooks = new Hooks();
  const application = await startLibraryApplication({
    databaseUrl,
    listeners: [NoteListener],
    // Nothing else may send a COMMIT through the proxy.
    options: { sendTimeoutMs: 14_000, retentionIntervalMs: 0 },
    transport,
    faults: hooks,
  });
  const template = application.get(TransactionTemplate);
  return { application, template, transport, hooks };
}

describe('TransactionTemplate on real servers', () => {
  let url: string;
  let proxy: MysqlProxy;
  let direct: DataSource;
  let first: Service;
  let second: Service;
  let delivered: DeliveredNotes;

  const payload = (txNo: string, note = 'a'): Note => ({ txNo, note });
  const send = (
    service: Service,
    contents: Note,
    script?: Script,
  ): ReturnType<TransactionTemplate['sendMessageInTransaction']> =>
    service.template.sendMessageInTransaction(names.topic, contents, { txNo: contents.txNo, arg: script });
  const effects = async (txNo: string): Promise<string[]> => {
    const rows = await direct.query<{ note: string }[]>('SELECT note FROM effect WHERE tx_no = ?', [txNo]);
    return rows.map(({ note }) => note);
  };
  /** From every instance. */
  const heard = (txNo: string): string[] => [first, second].flatMap(({ transport }) => transport.heard(txNo));
  const untilHeard = (txNo: string, outcome: string): Promise<unknown> =>
    eventually(() => heard(txNo).includes(outcome));
  const untilDelivered = (txNo: string): Promise<unknown> => eventually(() => delivered.of(txNo).length > 0);
  /** A message that comes later in the same queue order proves nothing; the broker's answer to the outcome does. */
  const expectRolledBack = async (txNo: string): Promise<void> => {
    await untilHeard(txNo, 'ROLLBACK');
    expect(heard(txNo)).not.toContain('COMMIT');
    expect(await effects(txNo)).toEqual([]);
    expect(delivered.of(txNo)).toEqual([]);
  };

  beforeAll(async () => {
    url = await createLibraryDatabase('template');
    proxy = await MysqlProxy.start(url);
    direct = await openDataSource(url);
    first = await startService(proxy.url);
    second = await startService(url);
    delivered = await DeliveredNotes.start(first.transport, names.topic, names.consumerGroup);
    await eventually(() => send(first, payload(`warm-up-1-${randomUUID()}`)));
    await eventually(() => send(second, payload(`warm-up-2-${randomUUID()}`)));
  });

  afterEach(() => {
    proxy.up();
    for (const { hooks, transport } of [first, second]) {
      hooks.hooks.clear();
      transport.losesResolution = () => false;
    }
  });

  afterAll(async () => {
    await delivered.close();
    await first.application.close();
    await second.application.close();
    await direct.destroy();
    await proxy.close();
  });

  it('commits database and message together', async () => {
    const txNo = randomUUID();
    await expect(send(first, payload(txNo))).resolves.toEqual({
      state: 'COMMITTED',
      txNo,
      duplicate: false,
      result: 'done a',
    });
    await untilDelivered(txNo);
    expect(await effects(txNo)).toEqual(['a']);
    expect(heard(txNo)).not.toContain('ROLLBACK');
  });

  it('rolls both back when the listener refuses, and says why', async () => {
    const txNo = randomUUID();
    await expect(send(first, payload(txNo), () => Promise.resolve(rollback('too poor')))).resolves.toEqual({
      state: 'ROLLED_BACK',
      txNo,
      refusal: 'too poor',
    });
    await expectRolledBack(txNo);
  });

  it('rolls both back when the listener throws, and rethrows its error', async () => {
    const txNo = randomUUID();
    const failing = send(first, payload(txNo), () => Promise.reject(new RangeError('a bug')));
    await expect(failing).rejects.toThrow(RangeError);
    await expectRolledBack(txNo);
  });

  it('takes no outcome of another transaction for its own: a listener may have one that is not known', async () => {
    const txNo = randomUUID();
    const failing = send(first, payload(txNo), () => Promise.reject(new CommitOutcomeUnknownError()));
    await expect(failing).rejects.toMatchObject({
      code: 'TXMSG_LOCAL_TRANSACTION_FAILED',
      cause: expect.any(CommitOutcomeUnknownError),
    });
    await expectRolledBack(txNo);
  });

  it.each([
    ['an array', ['a']],
    ['what JSON writes as a text', new Date()],
  ])('refuses a payload that is no JSON object, which nobody could read: %s', async (_what, contents) => {
    const txNo = randomUUID();
    const sending = first.template.sendMessageInTransaction(names.topic, contents, { txNo });
    await expect(sending).rejects.toMatchObject({ code: 'TXMSG_INVALID_ARGUMENT', field: 'payload' });
    expect(await effects(txNo)).toEqual([]);
  });

  it('says that nothing was done when a table is away for a migration, and the txNo may be tried again', async () => {
    const txNo = randomUUID();
    await direct.query('RENAME TABLE effect TO effect_away');
    try {
      await expect(send(first, payload(txNo))).rejects.toBeInstanceOf(LocalTransactionFailedError);
    } finally {
      await direct.query('RENAME TABLE effect_away TO effect');
    }
    await expect(send(first, payload(txNo))).resolves.toMatchObject({ state: 'COMMITTED', duplicate: false });
  });

  it('refuses a txNo or topic that breaks the rules before anything is sent', async () => {
    await expect(send(first, payload('a b'))).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(
      first.template.sendMessageInTransaction('no_such_topic', {}, { txNo: 'x' }),
    ).rejects.toBeInstanceOf(InvalidArgumentError);
  });

  it('tries the listener again after a deadlock with the payload that was sent', async () => {
    const txNo = randomUUID();
    const contents = payload(txNo);
    let tries = 0;
    first.hooks.hooks.set('local-transaction.begun', () => {
      // The caller goes on with its object, too.
      Object.assign(contents, { note: 'changed by the caller' });
      return Promise.resolve();
    });
    const sending = send(first, contents, (_entityManager, given) => {
      tries += 1;
      const { note } = given;
      Object.assign(given, { note: 'changed by the listener' });
      if (tries === 1) throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
      return Promise.resolve(commit(note));
    });
    await expect(sending).resolves.toMatchObject({ state: 'COMMITTED', result: 'a' });
    expect(await effects(txNo)).toEqual(['a']);
    await untilDelivered(txNo);
    expect(delivered.of(txNo)).toEqual(['a']);
  });

  it.each([
    ['a Map', { note: new Map([['a', 1]]) }, '.note', 'Map'],
    ['a bigint', { lines: [{ amount: 1n }] }, '.lines[0].amount', 'bigint'],
    ['a number that is none', { amount: NaN }, '.amount', 'NaN'],
  ])(
    'refuses a payload with %s, which JSON cannot hold, before anything is sent',
    async (_label, fields, path, kind) => {
      const txNo = randomUUID();
      const sending = first.template.sendMessageInTransaction(names.topic, { txNo, ...fields }, { txNo });
      await expect(sending).rejects.toBeInstanceOf(ContentsNotJsonError);
      await expect(sending).rejects.toMatchObject({ path, kind });
      expect(first.transport.ofTxNo(txNo)).toEqual([]);
    },
  );

  describe('when a txNo is used again', () => {
    it('does nothing for equal contents, in any key order, and says that it is a duplicate', async () => {
      const txNo = randomUUID();
      await send(first, payload(txNo));
      const again = second.template.sendMessageInTransaction(names.topic, { note: 'a', txNo }, { txNo });
      await expect(again).resolves.toEqual({ state: 'COMMITTED', txNo, duplicate: true });
      expect(await effects(txNo)).toEqual(['a']);
    });

    it('refuses other contents', async () => {
      const txNo = randomUUID();
      await send(first, payload(txNo));
      await expect(send(second, payload(txNo, 'b'))).rejects.toBeInstanceOf(TxNoConflictError);
      expect(await effects(txNo)).toEqual(['a']);
    });

    it('does not say that nothing was done while another attempt at it is under way', async () => {
      const txNo = randomUUID();
      await withIdleSession(direct, async (other) => {
        await other.startTransaction();
        try {
          await other.query(
            "INSERT INTO de_duplication (tx_no, scope, attempt, outcome, contents_hash) VALUES (?, ?, '', 'COMMIT', ?)",
            [txNo, names.producerGroup, Buffer.alloc(32)],
          );
          await expect(send(first, payload(txNo))).resolves.toEqual({ state: 'UNKNOWN', txNo });
          await expectRolledBack(txNo);
        } finally {
          await other.rollbackTransaction();
        }
      });
      await expect(send(first, payload(txNo))).resolves.toMatchObject({
        state: 'COMMITTED',
        duplicate: false,
      });
    });

    it('lets one of many concurrent callers win, and delivers the winner', async () => {
      const txNo = randomUUID();
      const results = await Promise.allSettled(
        Array.from({ length: 24 }, (_, index) =>
          send(index % 2 ? first : second, payload(txNo, index % 3 ? 'a' : 'b')),
        ),
      );
      const [winner, ...others] = await effects(txNo);
      expect(others).toEqual([]);
      const fresh = results.filter(
        (result) =>
          result.status === 'fulfilled' && result.value.state === 'COMMITTED' && !result.value.duplicate,
      );
      expect(fresh).toHaveLength(1);
      for (const [index, result] of results.entries()) {
        const note = index % 3 ? 'a' : 'b';
        if (result.status === 'fulfilled') expect(note).toBe(winner);
        else expect(result.reason).toBeInstanceOf(TxNoConflictError);
      }
      await untilDelivered(txNo);
      expect(delivered.of(txNo)).toEqual([winner]);
    });
  });

  describe('when the local transaction outlives the check-back', () => {
    beforeEach(() => {
      first.transport.passesCheckBacksTo = second.transport;
    });
    afterEach(() => {
      first.transport.passesCheckBacksTo = undefined;
    });

    it('and has entered the barrier: the check-back waits, and the message is committed', async () => {
      const txNo = randomUUID();
      const sending = send(first, payload(txNo), async () => {
        // Until the other instance was asked: it meets the lock, and must not guess.
        await eventually(
          () =>
            second.transport
              .ofTxNo(txNo)
              .some(({ checkBackAnswers }) => checkBackAnswers.includes('UNKNOWN')),
          { timeoutMs: 12_000 },
        );
        return commit('late');
      });
      await expect(sending).resolves.toMatchObject({ state: 'COMMITTED', result: 'late' });
      await untilDelivered(txNo);
      expect(await effects(txNo)).toEqual(['a']);
      expect(heard(txNo)).not.toContain('ROLLBACK');
    });

    it('and has not: the check-back fences it, it can never commit, and a retry of the txNo can', async () => {
      const txNo = randomUUID();
      first.hooks.hooks.set('local-transaction.begun', async () => {
        await eventually(
          () =>
            second.transport
              .ofTxNo(txNo)
              .some(({ checkBackAnswers }) => checkBackAnswers.includes('ROLLBACK')),
          { timeoutMs: 12_000 },
        );
      });
      await expect(send(first, payload(txNo, 'fenced'))).rejects.toBeInstanceOf(TransactionFencedError);
      await expectRolledBack(txNo);
      await expect(send(first, payload(txNo, 'retried'))).resolves.toMatchObject({ state: 'COMMITTED' });
      await untilDelivered(txNo);
      expect(delivered.of(txNo)).toEqual(['retried']);
      expect(await effects(txNo)).toEqual(['retried']);
    });
  });

  describe('when the connection is cut exactly at COMMIT', () => {
    it('after the server applied it: committed, and so is the message', async () => {
      const txNo = randomUUID();
      const cut = proxy.at(/^COMMIT$/, 'cut-after');
      await expect(send(first, payload(txNo))).resolves.toMatchObject({
        state: 'COMMITTED',
        duplicate: false,
      });
      await cut;
      await untilDelivered(txNo);
      expect(await effects(txNo)).toEqual(['a']);
      expect(heard(txNo)).not.toContain('ROLLBACK');
    });

    it.each(['cut-before', 'cut-unnoticed'] as const)(
      '(%s) before the server saw it: rolled back, and so is the message',
      async (fault) => {
        const txNo = randomUUID();
        const cut = proxy.at(/^COMMIT$/, fault);
        await expect(send(first, payload(txNo))).rejects.toBeInstanceOf(LocalTransactionFailedError);
        await cut;
        await expectRolledBack(txNo);
      },
    );

    it.each(['cut-after', 'cut-before'] as const)(
      '(%s) and the database stays away: UNKNOWN, and the message follows the database later',
      async (fault) => {
        const txNo = randomUUID();
        void proxy.at(/^COMMIT$/, fault).then(() => {
          proxy.down();
        });
        try {
          await expect(send(first, payload(txNo))).resolves.toEqual({ state: 'UNKNOWN', txNo });
        } finally {
          proxy.up();
        }
        if (fault === 'cut-after') {
          await untilDelivered(txNo);
          expect(await effects(txNo)).toEqual(['a']);
          expect(heard(txNo)).not.toContain('ROLLBACK');
        } else {
          await expectRolledBack(txNo);
        }
      },
    );
  });

  describe('the fence is per attempt', () => {
    it('so a refused attempt whose ROLLBACK was lost stays rolled back when a later attempt commits', async () => {
      const txNo = randomUUID();
      first.transport.losesResolution = (_resolution, key) => key === txNo;
      await send(first, payload(txNo, '1000'), () => Promise.resolve(rollback('too poor')));
      first.transport.losesResolution = () => false;
      await expect(send(first, payload(txNo, '100'))).resolves.toMatchObject({ state: 'COMMITTED' });
      await untilDelivered(txNo);
      // The check-back of the first half message is what answers for it.
      await untilHeard(txNo, 'ROLLBACK');
      expect(delivered.of(txNo)).toEqual(['100']);
      expect(await effects(txNo)).toEqual(['100']);
    });

    it('so a half message whose receipt was lost, once fenced, does not stop a retry', async () => {
      const txNo = randomUUID();
      first.hooks.hooks.set('half-message.sent', () => Promise.reject(new Error('the receipt was lost')));
      await expect(send(first, payload(txNo, 'lost'))).rejects.toBeInstanceOf(HalfMessageNotSentError);
      await expectRolledBack(txNo);
      await expect(send(first, payload(txNo, 'again'))).resolves.toMatchObject({ state: 'COMMITTED' });
      await untilDelivered(txNo);
      expect(delivered.of(txNo)).toEqual(['again']);
    });

    it('and a caller who repeats a committed txNo while the broker loses receipts hears the truth', async () => {
      const txNo = randomUUID();
      await send(first, payload(txNo));
      first.hooks.hooks.set('half-message.sent', () => Promise.reject(new Error('the receipt was lost')));
      await expect(send(first, payload(txNo))).resolves.toEqual({
        state: 'COMMITTED',
        txNo,
        duplicate: true,
      });
    });
  });

  it('delivers by check-back when both outcomes are lost', async () => {
    const txNo = randomUUID();
    first.transport.losesResolution = (_resolution, key) => key === txNo;
    await send(first, payload(txNo));
    await untilDelivered(txNo);
    expect(heard(txNo)).toContain('COMMIT');
  });

  describe('a half message that is not ours to judge', () => {
    it.each([
      ['without our properties', {}],
      ['of another database', { 'txmsg-database': randomUUID() }],
      ['older than the barrier remembers', { 'txmsg-sent-at': '1' }],
    ])('(%s) is answered UNKNOWN, and its own sender decides', async (_label, changed) => {
      const txNo = randomUUID();
      const properties =
        Object.keys(changed).length === 0
          ? {}
          : {
              'txmsg-tx-no': txNo,
              'txmsg-scope': names.producerGroup,
              'txmsg-attempt': randomUUID(),
              'txmsg-database':
                (await direct.query<{ database_id: string }[]>('SELECT database_id FROM txmsg_identity'))[0]
                  ?.database_id ?? '',
              'txmsg-sent-at': String(Date.now()),
              ...changed,
            };
      const answers = (): string[] =>
        [first, second].flatMap(({ transport }) =>
          transport.ofTxNo(txNo).flatMap((record) => record.checkBackAnswers),
        );
      // A foreign sender: a producer of its own, whose check-backs this service must not answer.
      const foreign = (await openTransport()).createTransactionalProducer(names.topic, () =>
        Promise.resolve('UNKNOWN'),
      );
      foreign.start();
      try {
        await foreign.whenReady(30_000);
        const halfMessage = await foreign.sendHalfMessage(
          {
            topic: names.topic,
            key: txNo,
            body: Buffer.from(JSON.stringify(payload(txNo, 'foreign'))),
            properties,
          },
          30_000,
        );
        await eventually(() => answers().length > 0);
        expect(new Set(answers())).toEqual(new Set(['UNKNOWN']));
        expect(delivered.of(txNo)).toEqual([]);
        await halfMessage.end('COMMIT', 30_000);
        await untilDelivered(txNo);
      } finally {
        await foreign.close(3000);
      }
    });
  });

  describe('when a message is sent again', () => {
    const resend = (
      contents: Note,
      guard: (entityManager: EntityManager) => Promise<boolean>,
    ): ReturnType<TransactionTemplate['resendMessageInTransaction']> =>
      first.template.resendMessageInTransaction(names.topic, contents, { txNo: contents.txNo, guard });

    it('goes out although its txNo was done, when the guard agrees, without the listener', async () => {
      const txNo = randomUUID();
      await send(first, payload(txNo));
      await untilDelivered(txNo);
      const before = delivered.all(txNo).length;
      await expect(resend(payload(txNo), () => Promise.resolve(true))).resolves.toMatchObject({
        state: 'COMMITTED',
      });
      await eventually(() => delivered.all(txNo).length > before);
      expect(await effects(txNo)).toEqual(['a']);
    });

    it('does not when the guard refuses, and can be tried again', async () => {
      const txNo = randomUUID();
      await expect(resend(payload(txNo), () => Promise.resolve(false))).resolves.toMatchObject({
        state: 'ROLLED_BACK',
      });
      await expectRolledBack(txNo);
      await expect(resend(payload(txNo), () => Promise.resolve(true))).resolves.toMatchObject({
        state: 'COMMITTED',
      });
      await untilDelivered(txNo);
    });

    it('is answered by check-back when its outcome is lost', async () => {
      const txNo = randomUUID();
      first.transport.losesResolution = (_resolution, key) => key === txNo;
      await resend(payload(txNo), () => Promise.resolve(true));
      await untilDelivered(txNo);
    });
  });
});
