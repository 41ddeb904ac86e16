import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  NOTIFIER_CUSTODY_CONSUMER_GROUP,
  NOTIFIER_TOP_UP_CONSUMER_GROUP,
  NOTIFY_TOPIC,
  REPAYMENT_CONSUMER_GROUP,
  REVIEW_TOPIC,
  reviewTxNoOf,
  TOP_UP_WEBHOOK,
  type ServiceName,
} from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { Receiver } from '../libs/webhooks/test/receiver.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { faults } from './kit/faults.js';
import { ForeignSender } from './kit/foreign-sender.js';
import { holdOpen, MuteServer } from './kit/half-open.js';
import { call, postJson, transfer } from './kit/http.js';
import { NotifierServices } from './kit/notifier-services.js';
import { otlpSettings } from './kit/otlp-receiver.js';
import { ResultSender } from './kit/result-sender.js';
import type { ServiceProcess } from './kit/service-process.js';
import { TestBanks } from './kit/test-banks.js';
import { TestServices } from './kit/test-services.js';

/** Twice the default: a busy machine is late. What hangs is waited for twice as long then. */
const IN_TIME = { SHUTDOWN_TIMEOUT_MS: '18000' };
/** A service that is not done within that time of SIGTERM ends itself with exit code 1, so 0 also means "in time". */
const CLEAN = { code: 0, signal: null };
const TRANSFERS = 12;

/** Everything at once that a shutdown could wait for. */
describe('a service that is told to end while everything hangs', () => {
  let banks: TestBanks;
  /** In the place of all that services ask over HTTP: each other, a collector, a subscriber. */
  let mute: MuteServer;
  /** Asked when metrics are read. */
  let nameServer: MuteServer;
  const open: Socket[] = [];
  const others: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    banks = await TestBanks.create('shutdown');
    mute = await MuteServer.start();
    nameServer = await MuteServer.start();
  });
  afterAll(async () => {
    for (const socket of open) socket.destroy();
    mute.close();
    nameServer.close();
    for (const other of others) await other.close();
    await banks.close();
  });

  /** What every service can have: admin routes, faults, metrics and traces, whose collector hangs. */
  const allOn = (): Record<string, string> => ({
    ...ADMIN_SETTINGS,
    ...IN_TIME,
    ...otlpSettings(mute.url),
    METRICS_ENABLED: 'true',
    HTTP_REQUEST_TIMEOUT_MS: '600000',
    // Only metrics ask a name server, unless the broker itself is found by it.
    ...(process.env.ROCKETMQ_TRANSPORT === 'remoting'
      ? {}
      : { ROCKETMQ_NAMESRV: new URL(nameServer.url).host }),
  });

  /** Half a request, half a body, a connection that is kept alive, one that says nothing, and a scrape. */
  async function hangOn({ service, url }: ServiceProcess): Promise<void> {
    const lines = 'HTTP/1.1\r\nhost: HOST\r\n';
    const texts = [
      `GET /${service}/docs-json ${lines}`,
      `POST /${service}/admin/faults ${lines}content-type: application/json\r\ncontent-length: 99\r\n\r\n{"amount":`,
      `GET /${service}/health/live ${lines}\r\n`,
      '',
      `GET /${service}/metrics ${lines}\r\n`,
    ];
    const before = nameServer.asked;
    for (const text of texts) open.push(await holdOpen(url, text));
    if (process.env.ROCKETMQ_TRANSPORT === 'remoting') return;
    await eventually(() => nameServer.asked > before);
  }

  const untilHanging = (instance: ServiceProcess, ...points: string[]): Promise<unknown> =>
    eventually(() => {
      const injected = instance.logs().filter(({ message }) => message === 'fault injected');
      expect(injected.map(({ point }) => String(point)).sort()).toEqual([...points].sort());
    });

  /** Both are answered or cut off. */
  const unanswered = (...calls: Promise<unknown>[]): Promise<unknown> => Promise.allSettled(calls);

  async function expectCleanEnd(
    instance: ServiceProcess,
    services: TestServices<ServiceName>,
    ...groups: string[]
  ): Promise<void> {
    await instance.kill('SIGTERM');
    const ended = { exit: await instance.exited, said: instance.output().split('\n').slice(-5) };
    expect(ended).toMatchObject({ exit: CLEAN });
    const admin = services.admin();
    try {
      for (const group of groups)
        expect([group, await admin.isConsumerOnline(group)]).toEqual([group, false]);
    } finally {
      admin.close();
    }
  }

  async function deliver(services: TestServices<ServiceName>, topic: string, txNo: string, body: object) {
    const sender = await ResultSender.start(services.servers, topic);
    await sender.deliver(txNo, body);
    await sender.close();
  }

  it('ends cleanly: bank1, with a mute bank2 and pay, every schedule, listeners and calls that hang', async () => {
    const pair = await banks.books.openPair('ending', '100.00');
    const hung = { ...(await banks.books.openPair('hung', '100.00')), txNo: 'hung', amount: '1.00' };
    const bank1 = await banks.start('bank1', {
      ...allOn(),
      BANK2_URL: mute.url,
      PAY_URL: mute.url,
      RECONCILE_AFTER_MS: '100',
      RECONCILE_INTERVAL_MS: '100',
      TOP_UP_LADDER_MS: '100,100',
      AUDIT_INTERVAL_MS: '100',
      SEND_TIMEOUT_MS: '14000',
    });
    const admin = new Admin(bank1);
    await admin.meetFaults(
      { point: 'consume.executed', action: 'hang', times: 2 },
      { point: 'local-transaction.executed', action: 'hang', txNo: 'hung' },
    );
    for (let number = 0; number < TRANSFERS; number++) {
      const order = { ...pair, txNo: `ending-${number}`, amount: '1.00' };
      expect((await transfer(bank1, order)).status).toBe(201);
    }
    const topUp = { txNo: 'asked', accountNo: pair.accountNo, amount: '1.00' };
    expect((await postJson(`${bank1.url}/topups`, JSON.stringify(topUp))).status).toBe(201);
    const result = { txNo: 'ending-0', ...pair, amount: '1.00', outcome: 'CREDITED', reason: null };
    await deliver(banks, banks.resultTopic, 'ending-0', { transferResult: result });
    const payment = { id: 'told', accountNo: pair.accountNo, payAmount: '1.00', result: 'success' };
    await deliver(banks, banks.notifyTopic, 'told', payment);
    await eventually(() => mute.askedFor('/bank2/admin/books') > 0);
    const calls = unanswered(admin.get('audit'), admin.post('reconciliation'), transfer(bank1, hung));
    await untilHanging(bank1, 'consume.executed', 'consume.executed', 'local-transaction.executed');
    await eventually(() => {
      expect(mute.askedFor('/bank2/admin/books')).toBeGreaterThan(1);
      expect(mute.askedFor('/bank2/transfers/ending-')).toBeGreaterThanOrEqual(8);
      expect(mute.askedFor('/pay/payresult/asked')).toBeGreaterThan(0);
      expect(mute.askedFor('POST /v1/traces')).toBeGreaterThan(0);
    });
    await hangOn(bank1);

    await expectCleanEnd(bank1, banks, banks.resultConsumerGroup, banks.topUpConsumerGroup);
    await calls;
  });

  it('ends cleanly: bank2, with a handler, the outbox, a reader of its books and calls that hang', async () => {
    const bank2 = await banks.start('bank2', allOn());
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
    await untilHanging(bank2, 'consume.executed', 'outbox.before-publish');
    expect((await call(`${bank2.url}/health/live`)).status).toBe(200);
    await hangOn(bank2);

    await expectCleanEnd(bank2, banks, banks.consumerGroup);
  });

  it('ends cleanly: repayment, with a mute trading, steps of jobs, a listener and calls that hang', async () => {
    const services = await TestServices.of(['repayment'], 'shutdown_jobs');
    others.push(services);
    const repayment = await services.start('repayment', {
      ...allOn(),
      TRADING_URL: mute.url,
      ...faults(
        { point: 'job.claimed', action: 'hang', txNo: 'stuck' },
        { point: 'consume.executed', action: 'hang', txNo: reviewTxNoOf('slow') },
      ),
    });
    const trading = await ForeignSender.start(services.servers, services.named(REVIEW_TOPIC));
    others.push(trading);
    // Two jobs are worked on at a time.
    for (const projectId of ['slow', 'stuck', 'asking']) {
      const txNo = reviewTxNoOf(projectId);
      const review = { txNo, projectId, amount: '1.00', bidCount: 1, terms: 1, annualRate: '1.00' };
      await trading.deliver(review, txNo);
    }
    await untilHanging(repayment, 'consume.executed', 'job.claimed');
    await hangOn(repayment);
    // It asks for 3 s and then waits for 2 s.
    const asked = (): number => mute.askedFor('/trading/projects/asking/bids');
    const before = asked();
    await eventually(() => asked() > before);

    await expectCleanEnd(repayment, services, services.named(REPAYMENT_CONSUMER_GROUP));
  });

  it('ends cleanly: notifier, with a mute subscriber, a call that is not recorded, a listener and calls that hang', async () => {
    const services = await NotifierServices.prepared('shutdown_webhooks');
    const well = await Receiver.start();
    others.push(services, well);
    const notifier = await services.start('notifier', {
      ...allOn(),
      ...faults(
        { point: 'service:webhook.called', action: 'hang' },
        { point: 'consume.executed', action: 'hang', txNo: 'slow' },
      ),
    });
    for (const url of [`${mute.url}/subscriber`, well.url]) {
      const secret = `whsec_${randomBytes(32).toString('base64')}`;
      await services.subscribe(notifier, { name: url, url, events: [TOP_UP_WEBHOOK], secret });
    }
    for (const id of ['slow', 'told']) {
      const payment = { id, accountNo: '1', payAmount: '1.00', result: 'success' };
      await deliver(services, services.named(NOTIFY_TOPIC), id, payment);
    }
    await untilHanging(notifier, 'consume.executed', 'service:webhook.called');
    await eventually(() => mute.askedFor('POST /subscriber') > 0);
    await hangOn(notifier);

    const groups = [NOTIFIER_TOP_UP_CONSUMER_GROUP, NOTIFIER_CUSTODY_CONSUMER_GROUP];
    await expectCleanEnd(notifier, services, ...groups.map((group) => services.named(group)));
  });
});
