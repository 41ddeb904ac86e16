import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { holdOpen, MuteServer } from './kit/half-open.js';
import { call, transfer } from './kit/http.js';
import { TestBanks } from './kit/test-banks.js';

/** A bank that is not done within 9 s of SIGTERM ends itself with exit code 1, so 0 also means "in time". */
const CLEAN = { code: 0, signal: null };
const PATIENCE = { timeoutMs: 60_000 };
const TRANSFERS = 12;

/** Everything at once that a shutdown could wait for. */
describe('a bank that is told to end while everything hangs', () => {
  let banks: TestBanks;
  let mute: MuteServer;
  const open: Socket[] = [];

  beforeAll(async () => {
    banks = await TestBanks.create('shutdown');
    mute = await MuteServer.start();
  });
  afterAll(async () => {
    for (const socket of open) socket.destroy();
    mute.close();
    await banks.close();
  });

  /** Half a request, half a body, a connection that is kept alive, and one that says nothing. */
  async function hangOn({ service: bank, url }: ServiceProcess): Promise<void> {
    const lines = 'HTTP/1.1\r\nhost: HOST\r\n';
    const texts = [
      `GET /${bank}/accounts/1 ${lines}`,
      `POST /${bank}/transfers ${lines}content-type: application/json\r\ncontent-length: 99\r\n\r\n{"amount":`,
      `GET /${bank}/health/live ${lines}\r\n`,
      '',
    ];
    for (const text of texts) open.push(await holdOpen(url, text));
  }

  const isHanging = (instance: ServiceProcess, point: string): boolean =>
    instance.logs().some(({ message, point: at }) => message === 'fault injected' && at === point);

  /** Both are answered or cut off. */
  const unanswered = (...calls: Promise<unknown>[]): Promise<unknown> => Promise.allSettled(calls);

  it('ends cleanly: bank1, with a mute bank2, reconciliation, an audit, a listener and calls that hang', async () => {
    const pair = await banks.books.openPair('ending', '100.00');
    const hung = { ...(await banks.books.openPair('hung', '100.00')), txNo: 'hung', amount: '1.00' };
    const bank1 = await banks.start('bank1', {
      ...ADMIN_SETTINGS,
      BANK2_URL: mute.url,
      RECONCILE_AFTER_MS: '100',
      RECONCILE_INTERVAL_MS: '100',
      HTTP_REQUEST_TIMEOUT_MS: '600000',
      SEND_TIMEOUT_MS: '14000',
    });
    const admin = new Admin(bank1);
    await admin.meetFaults(
      { point: 'consume.executed', action: 'hang' },
      { point: 'local-transaction.executed', action: 'hang', txNo: 'hung' },
    );
    for (let number = 0; number < TRANSFERS; number++) {
      const order = { ...pair, txNo: `ending-${number}`, amount: '1.00' };
      expect((await transfer(bank1, order)).status).toBe(201);
    }
    const result = { txNo: 'ending-0', ...pair, amount: '1.00', outcome: 'CREDITED', reason: null };
    await (await banks.resultSender()).deliver('ending-0', { transferResult: result });
    await hangOn(bank1);
    const calls = unanswered(admin.get('audit'), admin.post('reconciliation'), transfer(bank1, hung));
    await eventually(
      () => isHanging(bank1, 'consume.executed') && isHanging(bank1, 'local-transaction.executed'),
      PATIENCE,
    );
    await eventually(() => mute.asked >= 8, PATIENCE);

    await bank1.kill('SIGTERM');
    expect(await bank1.exited).toEqual(CLEAN);
    expect(await isOnline(banks.resultConsumerGroup)).toBe(false);
    await calls;
  });

  it('ends cleanly: bank2, with a handler, the outbox, a reader of its books and calls that hang', async () => {
    const bank2 = await banks.start('bank2', { ...ADMIN_SETTINGS, HTTP_REQUEST_TIMEOUT_MS: '600000' });
    const admin = new Admin(bank2);
    const pair = await banks.books.openPair('received', '100.00');
    await admin.meetFaults(
      { point: 'outbox.before-publish', action: 'hang' },
      { point: 'consume.executed', action: 'hang', txNo: 'slow' },
    );
    const sender = await banks.foreignSender();
    for (const txNo of ['quick', 'slow']) {
      await sender.deliver({ accountChange: { txNo, ...pair, amount: '1.00' } }, txNo);
    }
    await hangOn(bank2);
    await eventually(
      () => isHanging(bank2, 'consume.executed') && isHanging(bank2, 'outbox.before-publish'),
      PATIENCE,
    );
    expect((await call(`${bank2.url}/health/live`)).status).toBe(200);

    await bank2.kill('SIGTERM');
    expect(await bank2.exited).toEqual(CLEAN);
    expect(await isOnline(banks.consumerGroup)).toBe(false);
  });

  async function isOnline(group: string): Promise<boolean> {
    const admin = banks.admin();
    try {
      return await admin.isConsumerOnline(group);
    } finally {
      admin.close();
    }
  }
});
