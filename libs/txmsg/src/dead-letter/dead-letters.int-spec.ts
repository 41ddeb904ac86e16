import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { IsString, ValidateBy } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { openIdleSession } from '../../test/idle-session.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import {
  DatabaseUnavailableError,
  DeadLetters,
  ignore,
  InvalidArgumentError,
  MessageListener,
  type DeadLetter,
  type DeadLetterSummary,
  type Ignored,
  type MessageHandler,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';

class NoteEvent {
  @IsString()
  txNo!: string;

  @IsString()
  @ValidateBy({ name: 'isKnown', validator: { validate: () => hooks.isKnown() } })
  note!: string;
}

const TOPIC = 't_dead_letters';
const GROUP = 'c_dead_letters';
const HANDLER_TIMEOUT_MS = 10_000;
const alice = { by: 'alice', note: 'the cause is gone' };

/** What handlers do, by txNo; whatever they do comes after the effect was written. */
const scripts = new Map<string, () => Promise<unknown>>();
const hooks = {
  isReadable: true,
  isKnown: (): boolean | Promise<boolean> => true,
  onDeadLetter: 'STORE' as 'STORE' | 'DROP' | 'THROW',
  onDismiss: (): Promise<Ignored | undefined> => Promise.resolve(undefined),
};

@MessageListener({ topic: TOPIC, consumerGroup: GROUP, payload: NoteEvent, attemptsMax: 1 })
class NoteListener implements MessageHandler<NoteEvent> {
  normalizePayload(payload: NoteEvent): NoteEvent {
    if (!hooks.isReadable) throw new Error('a field is missing');
    return payload;
  }

  async onMessage({ txNo, note }: NoteEvent, manager: EntityManager): Promise<Ignored | undefined> {
    await write(txNo, note, manager);
    return (await scripts.get(txNo)?.()) as Ignored | undefined;
  }

  onDeadLetter(): Promise<'STORE' | 'DROP'> {
    return hooks.onDeadLetter === 'THROW'
      ? Promise.reject(new Error('nobody to tell'))
      : Promise.resolve(hooks.onDeadLetter);
  }

  async onDismiss({ txNo, note }: NoteEvent, manager: EntityManager): Promise<Ignored | undefined> {
    await write(txNo, `dismissed: ${note}`, manager);
    return hooks.onDismiss();
  }
}

async function write(txNo: string, note: string, manager: EntityManager): Promise<void> {
  await manager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, note]);
}

describe('DeadLetters', () => {
  const broker = new InMemoryBroker();
  const producer = broker.createProducer(TOPIC);
  let direct: DataSource;
  let proxy: MysqlProxy;
  let first: INestApplicationContext;
  let second: INestApplicationContext;
  let letters: DeadLetters;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    const url = await createLibraryDatabase('dead_letters');
    direct = await openDataSource(url);
    proxy = await MysqlProxy.start(url);
    // Nothing else may send a COMMIT through the proxy.
    const options = { handlerTimeoutMs: HANDLER_TIMEOUT_MS, retentionIntervalMs: 0 };
    const start = (databaseUrl: string): Promise<INestApplicationContext> =>
      startLibraryApplication({ databaseUrl, listeners: [NoteListener], options, transport: broker });
    [first, second] = await Promise.all([start(proxy.url), start(url)]);
    letters = first.get(DeadLetters);
    producer.start();
  });
  afterAll(async () => {
    await producer.close(1000);
    await Promise.all([first.close(), second.close()]);
    await direct.destroy();
    await proxy.close();
    broker.close();
    jest.restoreAllMocks();
  });
  afterEach(() => {
    proxy.up();
  });
  beforeEach(() => {
    scripts.clear();
    Object.assign(hooks, {
      isReadable: true,
      isKnown: () => true,
      onDeadLetter: 'STORE',
      onDismiss: () => Promise.resolve(undefined),
    });
  });

  const fails = (message = 'no such account'): Promise<never> => Promise.reject(new Error(message));
  const deliver = (txNo: string, note = 'note'): Promise<unknown> =>
    deliverBody(JSON.stringify({ txNo, note }), txNo);
  const deliverBody = (body: string | Buffer, key: string): Promise<unknown> =>
    producer.send({ topic: TOPIC, key, body: Buffer.from(body as string), properties: { trace: 'x' } }, 1000);
  const effects = async (txNo: string): Promise<string[]> =>
    (await rows<{ note: string }>('SELECT note FROM effect WHERE tx_no = ? ORDER BY id', txNo)).map(
      ({ note }) => note,
    );
  const rows = <Row>(sql: string, txNo: string): Promise<Row[]> => direct.query<Row[]>(sql, [txNo]);
  const barrier = (txNo: string): Promise<object[]> =>
    rows('SELECT tx_no FROM de_duplication WHERE tx_no = ?', txNo);
  const untilLetter = (txNo: string): Promise<DeadLetterSummary> =>
    eventually(async () => (await letters.list({ txNo })).deadLetters[0] ?? false);
  const show = async (id: string): Promise<DeadLetter> => {
    const letter = await letters.find(id);
    if (letter === undefined) throw new Error(`there is no dead letter ${id}`);
    return letter;
  };
  /** The open dead letter of a message that cannot be read: it has no txNo to be found by. */
  const untilPoison = (key: string): Promise<DeadLetter> =>
    eventually(async () => {
      const open = await letters.list({ reason: 'POISON', state: 'OPEN' });
      const shown = await Promise.all(open.deadLetters.map(({ id }) => show(id)));
      return shown.find(({ keys }) => keys.includes(key)) ?? false;
    });
  const history = async (id: string): Promise<string[]> =>
    (await show(id)).history.map(({ action, by, outcome }) => [action, by, outcome].join(' '));
  /** Delivers a message whose handler fails for now. */
  const bury = async (note = 'note'): Promise<{ txNo: string; id: string }> => {
    const txNo = randomUUID();
    scripts.set(txNo, fails);
    await deliver(txNo, note);
    const { id } = await untilLetter(txNo);
    return { txNo, id };
  };
  /** A dead letter whose cause is gone. */
  const buryAndMend = async (): Promise<{ txNo: string; id: string }> => {
    const letter = await bury();
    scripts.delete(letter.txNo);
    return letter;
  };
  /** Delivers it again, and waits until every message of this txNo was concluded. */
  const deliverAgain = async (txNo: string, note?: string): Promise<void> => {
    await deliver(txNo, note);
    await eventually(() => broker.isIdle(TOPIC, GROUP));
  };
  /** Takes the letter's lock when whoever has it loses it, and keeps it until the next one waits for it. */
  const holdUntilAwaited = async (id: string): Promise<void> => {
    const holder = await openIdleSession(direct);
    await holder.startTransaction();
    try {
      await holder.query('SET innodb_lock_wait_timeout = 60');
      await holder.query('SELECT id FROM dead_letter WHERE id = ? FOR UPDATE', [id]);
      const waiting = `SELECT 1 FROM performance_schema.data_lock_waits w
        JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID
        WHERE l.OBJECT_SCHEMA = DATABASE() AND l.OBJECT_NAME = 'dead_letter'`;
      await eventually(async () => (await direct.query<unknown[]>(waiting)).length > 0);
    } finally {
      await holder.query('SET innodb_lock_wait_timeout = DEFAULT');
      await holder.rollbackTransaction();
      await holder.release();
    }
  };

  describe('a re-drive', () => {
    it('applies the message once when the cause is gone; a late delivery is a duplicate', async () => {
      const { txNo, id } = await buryAndMend();
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DONE' });
      await deliverAgain(txNo);
      expect(await effects(txNo)).toEqual(['note']);
      expect(await show(id)).toMatchObject({
        state: 'REDRIVEN',
        history: [
          {
            action: 'REDRIVE',
            by: 'alice',
            note: 'the cause is gone',
            outcome: 'DONE',
            time: expect.any(Date),
          },
        ],
      });
    });

    it('that fails again leaves it open with the new reason, and nothing else behind', async () => {
      const { txNo, id } = await bury();
      scripts.set(txNo, () => fails('account 7 is locked'));
      const failed = { outcome: 'FAILED', reason: 'HANDLER_FAILED', detail: 'Error: account 7 is locked' };
      expect(await letters.redrive(id, alice)).toEqual(failed);
      expect(await show(id)).toMatchObject({ state: 'OPEN', detail: 'Error: account 7 is locked' });
      expect(await history(id)).toEqual(['REDRIVE alice HANDLER_FAILED']);
      expect([await effects(txNo), await barrier(txNo)]).toEqual([[], []]);
    });

    it('is done by one of many operators at two instances', async () => {
      const { txNo, id } = await buryAndMend();
      const others = second.get(DeadLetters);
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          (index % 2 === 0 ? letters : others).redrive(id, { by: `operator ${index}` }),
        ),
      );
      expect(results.filter(({ outcome }) => outcome === 'DONE')).toHaveLength(1);
      for (const { outcome } of results) expect(['DONE', 'BUSY', 'CLOSED']).toContain(outcome);
      expect(await effects(txNo)).toEqual(['note']);
      expect(await history(id)).toHaveLength(1);
    });

    it('keeps others away while it runs', async () => {
      const { txNo, id } = await bury();
      let begun: () => void = () => undefined;
      let end: () => void = () => undefined;
      const running = new Promise<void>((resolve) => (begun = resolve));
      scripts.set(txNo, () => {
        begun();
        return new Promise<void>((resolve) => (end = resolve));
      });
      const redriven = letters.redrive(id, alice);
      await running;
      expect(await second.get(DeadLetters).redrive(id, alice)).toEqual({ outcome: 'BUSY' });
      expect(await second.get(DeadLetters).dismiss(id, alice)).toEqual({ outcome: 'BUSY' });
      end();
      expect(await redriven).toEqual({ outcome: 'DONE' });
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'CLOSED', state: 'REDRIVEN' });
      expect(await effects(txNo)).toEqual(['note']);
    });

    it('of what was consumed meanwhile is a duplicate, and closes it', async () => {
      const { txNo, id } = await buryAndMend();
      await deliverAgain(txNo);
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DUPLICATE' });
      expect(await effects(txNo)).toEqual(['note']);
      expect(await show(id)).toMatchObject({ state: 'REDRIVEN' });
    });

    it('of a txNo that other contents took meanwhile fails as a conflict', async () => {
      const { txNo, id } = await buryAndMend();
      await deliverAgain(txNo, 'another note');
      expect(await letters.redrive(id, alice)).toMatchObject({ outcome: 'FAILED', reason: 'TX_NO_CONFLICT' });
      expect(await effects(txNo)).toEqual(['another note']);
      expect(await show(id)).toMatchObject({ state: 'OPEN', reason: 'TX_NO_CONFLICT' });
    });

    it('reads poison again, because the reader may have been mended', async () => {
      const txNo = randomUUID();
      hooks.isReadable = false;
      await deliver(txNo);
      const { id } = await untilPoison(txNo);
      expect(await letters.redrive(id, alice)).toMatchObject({ outcome: 'FAILED', reason: 'POISON' });
      hooks.isReadable = true;
      scripts.set(txNo, fails);
      expect(await letters.redrive(id, alice)).toMatchObject({ reason: 'HANDLER_FAILED' });
      expect(await show(id)).toMatchObject({ txNo, reason: 'HANDLER_FAILED' });
      scripts.clear();
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DONE' });
      expect(await effects(txNo)).toEqual(['note']);
    });

    it('that the handler ignores closes it without a barrier row', async () => {
      const { txNo, id } = await bury();
      scripts.set(txNo, () => Promise.resolve(ignore('none of ours')));
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'IGNORED' });
      expect([await effects(txNo), await barrier(txNo)]).toEqual([[], []]);
      expect(await show(id)).toMatchObject({ state: 'REDRIVEN' });
    });

    it('that fails again asks the service whether anybody need look at it', async () => {
      const { id } = await bury();
      hooks.onDeadLetter = 'DROP';
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DROPPED' });
      expect(await history(id)).toEqual(['REDRIVE alice DROPPED']);
    });

    it('that fails again, and whose onDeadLetter fails too, is written down all the same', async () => {
      const { id } = await bury();
      hooks.onDeadLetter = 'THROW';
      expect(await letters.redrive(id, alice)).toMatchObject({
        outcome: 'FAILED',
        reason: 'HANDLER_FAILED',
        detail: expect.stringContaining('nobody to tell'),
      });
      expect(await history(id)).toEqual(['REDRIVE alice HANDLER_FAILED']);
    });

    it.each([
      ['never reached the server', 'cut-before'],
      ['was obeyed, and its answer lost', 'cut-after'],
      ['was obeyed, and its answer never came', 'swallow-answer'],
    ] as const)('tells the truth when COMMIT %s', async (_what, fault) => {
      const { txNo, id } = await buryAndMend();
      const played = proxy.at(/^COMMIT$/, fault);
      const redriven = letters.redrive(id, alice);
      if (fault === 'cut-before') {
        await expect(redriven).rejects.toBeInstanceOf(DatabaseUnavailableError);
        expect([await effects(txNo), (await show(id)).state]).toEqual([[], 'OPEN']);
        expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DONE' });
      } else expect(await redriven).toEqual({ outcome: 'DONE' });
      await played;
      expect(await effects(txNo)).toEqual(['note']);
      expect(await history(id)).toEqual(['REDRIVE alice DONE']);
    });

    it.each([
      ['failed again', 'FAILED HANDLER_FAILED', 'REDRIVE alice HANDLER_FAILED', 'OPEN', fails],
      [
        'was ignored',
        'IGNORED',
        'REDRIVE alice IGNORED',
        'REDRIVEN',
        () => Promise.resolve(ignore('not ours')),
      ],
    ])(
      'says that a message %s when the answer to that COMMIT is lost',
      async (_what, ended, action, state, script) => {
        const { txNo, id } = await bury();
        scripts.set(txNo, script);
        const played = proxy.at(/^COMMIT$/, 'cut-after');
        const result = await letters.redrive(id, alice);
        await played;
        expect([result.outcome, 'reason' in result ? result.reason : ''].join(' ').trim()).toBe(ended);
        expect([await history(id), (await show(id)).state]).toEqual([[action], state]);
      },
    );

    it('waits no longer for a validator of the payload class than a delivery does', async () => {
      const { id } = await buryAndMend();
      hooks.isKnown = () => new Promise(() => undefined);
      const ended = [letters.redrive(id, alice), letters.dismiss(id, alice)];
      for (const one of await Promise.allSettled(ended))
        expect(one).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
      expect((await show(id)).state).toBe('OPEN');
    });

    it('of a message that is older than barrier rows are kept makes it EXPIRED at every call, and handles it only when told so', async () => {
      const { txNo, id } = await buryAndMend();
      await deliverAgain(txNo);
      await direct.query('DELETE FROM de_duplication WHERE tx_no = ?', [txNo]);
      await direct.query(
        `UPDATE dead_letter SET properties = JSON_SET(properties, '$.bornAtMs', ?) WHERE id = ?`,
        [Date.now() - 8 * 86_400_000, id],
      );
      for (let call = 1; call <= 3; call++) {
        expect(await letters.redrive(id, alice)).toMatchObject({ outcome: 'FAILED', reason: 'EXPIRED' });
        expect(await show(id)).toMatchObject({
          state: 'OPEN',
          reason: 'EXPIRED',
          detail: expect.stringContaining('(before: HANDLER_FAILED, Error: no such account)'),
        });
      }
      expect(await effects(txNo)).toEqual(['note']);
      expect(await letters.redrive(id, { ...alice, evenIfExpired: true })).toEqual({ outcome: 'DONE' });
      expect(await effects(txNo)).toEqual(['note', 'note']);
    });

    it('that takes too long is rolled back whole, and waits for that to write down how it ended', async () => {
      const { txNo, id } = await bury();
      let begun: () => void = () => undefined;
      const running = new Promise<void>((resolve) => (begun = resolve));
      scripts.set(txNo, () => {
        begun();
        return new Promise(() => undefined);
      });
      const redriven = letters.redrive(id, alice);
      await running;
      await holdUntilAwaited(id);
      expect(await redriven).toMatchObject({ outcome: 'FAILED', reason: 'HANDLER_FAILED' });
      expect(await effects(txNo)).toEqual([]);
      scripts.clear();
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DONE' });
      expect(await effects(txNo)).toEqual(['note']);
    });
  });

  describe('when the message of a closed one comes again and fails again', () => {
    it('opens it again, with its history', async () => {
      const { txNo, id } = await bury();
      scripts.set(txNo, () => Promise.resolve(ignore('not yet')));
      await letters.redrive(id, alice);
      scripts.set(txNo, () => fails('something else'));
      await deliverAgain(txNo);
      expect(await show(id)).toMatchObject({ state: 'OPEN', detail: 'Error: something else' });
      expect(await history(id)).toEqual(['REDRIVE alice IGNORED', 'REOPEN  HANDLER_FAILED']);
    });

    it('does not apply twice what was re-driven before the barrier was purged', async () => {
      const { txNo, id } = await buryAndMend();
      await letters.redrive(id, alice);
      await rows('DELETE FROM de_duplication WHERE tx_no = ?', txNo);
      scripts.set(txNo, fails);
      await deliverAgain(txNo);
      expect(await show(id)).toMatchObject({ state: 'OPEN' });
      scripts.clear();
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'DUPLICATE' });
      expect(await effects(txNo)).toEqual(['note']);
    });

    it('only refreshes one that is open', async () => {
      const { txNo, id } = await bury();
      await deliverAgain(txNo);
      expect(await show(id)).toMatchObject({ state: 'OPEN', history: [] });
      expect((await letters.list({ txNo })).deadLetters).toHaveLength(1);
    });
  });

  describe('a dismissal', () => {
    it('runs onDismiss and never the handler, and makes a late delivery a duplicate', async () => {
      const { txNo, id } = await buryAndMend();
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
      await deliverAgain(txNo);
      expect(await effects(txNo)).toEqual(['dismissed: note']);
      expect(await show(id)).toMatchObject({ state: 'DISMISSED' });
      expect(await history(id)).toEqual(['DISMISS alice DONE']);
      expect(await letters.redrive(id, alice)).toEqual({ outcome: 'CLOSED', state: 'DISMISSED' });
    });

    it('is rolled back whole when onDismiss fails', async () => {
      const { txNo, id } = await bury();
      hooks.onDismiss = () => fails('the ledger is closed');
      await expect(letters.dismiss(id, alice)).rejects.toThrow('the ledger is closed');
      expect([await effects(txNo), await barrier(txNo)]).toEqual([[], []]);
      expect(await show(id)).toMatchObject({ state: 'OPEN', history: [] });
    });

    it('that onDismiss answers with ignore() leaves no barrier row: the message may come again', async () => {
      const { txNo, id } = await buryAndMend();
      hooks.onDismiss = () => Promise.resolve(ignore('somebody else is asked'));
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
      expect(await barrier(txNo)).toEqual([]);
      await deliverAgain(txNo);
      expect(await effects(txNo)).toEqual(['dismissed: note', 'note']);
      expect(await history(id)).toEqual(['DISMISS alice DONE']);
    });

    it('that is answered so leaves the row of others alone', async () => {
      const { txNo, id } = await buryAndMend();
      await deliverAgain(txNo, 'another note');
      hooks.onDismiss = () => Promise.resolve(ignore('somebody else is asked'));
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
      expect(await barrier(txNo)).toHaveLength(1);
    });

    it('of contents whose txNo others took leaves the barrier alone', async () => {
      const { txNo, id } = await buryAndMend();
      await deliverAgain(txNo, 'another note');
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
      await deliverAgain(txNo, 'another note');
      expect(await effects(txNo)).toEqual(['another note', 'dismissed: note']);
      expect((await letters.list({ txNo })).deadLetters).toMatchObject([{ id, state: 'DISMISSED' }]);
    });

    it('of poison just closes it', async () => {
      const key = randomUUID();
      await deliverBody(Buffer.from([0xff, 0xfe]), key);
      const letter = await untilPoison(key);
      expect(letter).toMatchObject({
        txNo: null,
        body: { encoding: 'base64', text: '//4=' },
        keys: [key],
        properties: { trace: 'x' },
        bornAt: expect.any(Date),
      });
      expect(await letters.dismiss(letter.id, alice)).toEqual({ outcome: 'DONE' });
    });
  });

  it('finds nothing, and acts on nothing, that is not there', async () => {
    expect(await letters.find('999999999999999999')).toBeUndefined();
    expect(await letters.redrive('999999999999999999', alice)).toEqual({ outcome: 'NOT_FOUND' });
    const { id } = await bury();
    await rows("UPDATE dead_letter SET consumer_group = 'gone' WHERE id = ?", id);
    expect(await letters.redrive(id, alice)).toEqual({ outcome: 'NO_LISTENER' });
    expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'NO_LISTENER' });
  });

  it.each([
    ['id', () => letters.find('1 OR 1=1')],
    ['id', () => letters.redrive('-1', alice)],
    ['by', () => letters.redrive('1', { by: ' ' })],
    ['by', () => letters.dismiss('1', { by: 'x'.repeat(65) })],
    ['note', () => letters.dismiss('1', { by: 'x', note: 'x'.repeat(501) })],
    ['limit', () => letters.list({ limit: 101 })],
    ['after', () => letters.list({ after: 'x' })],
  ])('refuses a wrong %s', async (field, call) => {
    const error: unknown = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ field });
  });

  describe('the list', () => {
    it('goes through all of them page by page, oldest first', async () => {
      for (let count = 0; count < 3; count++) await bury();
      const all = (await letters.list({ limit: 100 })).deadLetters.map(({ id }) => id);
      const seen: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await letters.list({ limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...page.deadLetters.map(({ id }) => id));
        if (page.next === null) break;
        after = page.next;
      }
      expect(seen).toEqual(all);
      expect(all.length).toBeGreaterThanOrEqual(3);
    });

    it('shows those that match all of a filter', async () => {
      const { txNo, id } = await bury();
      const { createTime } = await show(id);
      const later = new Date(createTime.getTime() + 1);
      const found = async (filter: object): Promise<string[]> =>
        (await letters.list({ txNo, ...filter })).deadLetters.map((letter) => letter.id);
      for (const filter of [
        {},
        { consumerGroup: GROUP },
        { reason: 'HANDLER_FAILED' },
        { state: 'OPEN' },
        { since: createTime },
        { until: later },
      ]) {
        expect(await found(filter)).toEqual([id]);
      }
      for (const filter of [
        { consumerGroup: 'other' },
        { reason: 'POISON' },
        { state: 'DISMISSED' },
        { since: later },
        { until: createTime },
        { after: id },
      ]) {
        expect(await found(filter)).toEqual([]);
      }
    });
  });
});
