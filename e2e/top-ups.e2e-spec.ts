import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BANK1_TOP_UP_CONSUMER_GROUP, NOTIFY_TOPIC } from '@txmsg/contracts';
import { workOnEach } from 'txmsg';
import { FAULT_POINTS, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { pointsToKillAt } from './fault-matrix/points-to-kill-at.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { Books } from './kit/books.js';
import { faults } from './kit/faults.js';
import { call, postJson, type Answer } from './kit/http.js';
import { ResultSender } from './kit/result-sender.js';
import type { ServiceProcess } from './kit/service-process.js';
import { TestServices } from './kit/test-services.js';
import { TopUpBooks } from './kit/top-up-books.js';

const RACES = 500;
const ACCOUNTS = 5;
const AT_ONCE = { atOnceMax: 8, signal: new AbortController().signal };
const END_DEADLINE_MS = 120_000;
const RACE_DEADLINE_MS = 300_000;
/** One process for each point, one after another; a busy machine takes long to start them. */
const KILLS_DEADLINE_MS = 600_000;
const CALL_DEADLINE_MS = 15_000;
const SECRET = { PEER_SHARED_SECRET: 'the-secret-of-these-tests' };
/** Asks again and again, at once, so that a test need not wait for hours. */
const EAGER = { RECONCILE_INTERVAL_MS: '100', TOP_UP_LADDER_MS: '100,100,100,100,100,100,100,100,100,100' };
/** Asks twice, and then no more. */
const SHORT = { RECONCILE_INTERVAL_MS: '100', TOP_UP_LADDER_MS: '100,100' };
/** Only messages tell. */
const NEVER = { RECONCILE_INTERVAL_MS: '0' };

/** What the library and the services list; none is picked by hand. */
const PAY_POINTS = pointsToKillAt([
  ...(await serviceFaultPoints(undefined, ['pay'])),
  ...FAULT_POINTS.filter((point) => point.startsWith('outbox.')),
]);
const ASKING_POINTS = pointsToKillAt(
  (await serviceFaultPoints(undefined, ['bank1'])).filter((point) => point.startsWith('service:top-up.')),
);
const CONSUMING_POINTS = pointsToKillAt(FAULT_POINTS.filter((point) => point.startsWith('consume.')));

describe('top-ups', () => {
  let services: TestServices<'bank1' | 'bank2' | 'pay'>;
  let books: Books;
  let topUps: TopUpBooks;

  beforeAll(async () => {
    services = await TestServices.of(['bank1', 'bank2', 'pay'], 'top_ups');
    const databases = [services.database('bank1'), services.database('bank2')] as const;
    books = new Books(services.servers.mysqlRootUrl, ...databases);
    topUps = new TopUpBooks(services);
  });
  afterAll(async () => {
    await services.close();
    await books.close();
    await topUps.close();
  });

  const startPay = (own: Record<string, string> = {}): Promise<ServiceProcess> =>
    services.start('pay', { ...SECRET, PAY_TIMEOUT_MS: '14000', ...own });
  const startBank1 = (pay: ServiceProcess, own: Record<string, string>): Promise<ServiceProcess> =>
    services.start('bank1', { ...SECRET, PAY_URL: new URL(pay.url).origin, ...own });
  const pay = (at: ServiceProcess, txNo: string, accountNo: string, amount: string): Promise<Answer> =>
    postJson(
      `${at.url}/topups`,
      JSON.stringify({ accountNo, amount }),
      { 'idempotency-key': txNo },
      CALL_DEADLINE_MS,
    );
  const expectTopUp = async (bank1: ServiceProcess, txNo: string, accountNo: string, amount: string) => {
    const { status } = await postJson(`${bank1.url}/topups`, JSON.stringify({ txNo, accountNo, amount }));
    expect([txNo, status]).toEqual([txNo, 201]);
  };
  const untilState = (txNo: string, state: string): Promise<unknown> =>
    eventually(async () => (await topUps.topUp(txNo))?.state === state, { timeoutMs: END_DEADLINE_MS });
  const expectAudit = async (): Promise<void> => {
    const { agrees, disagreements } = await books.audit();
    expect([agrees, disagreements.listed]).toEqual([true, []]);
  };
  const end = (...instances: ServiceProcess[]): Promise<unknown> =>
    Promise.all(instances.map((instance) => instance.kill('SIGTERM')));

  it(
    'credits once each when message and question race for it, 500 times',
    async () => {
      const payService = await startPay();
      const bank1 = await startBank1(payService, NEVER);
      for (let index = 0; index < ACCOUNTS; index++) await books.open('bank1', `race-${index}`, '10.00');
      const races = Array.from({ length: RACES }, (_, index) => ({
        txNo: `race-${index}`,
        accountNo: `race-${index % ACCOUNTS}`,
      }));
      await workOnEach(races, AT_ONCE, async ({ txNo, accountNo }) => {
        // Asks from before it is paid until pay knows it, while the message is on its way.
        const paid = new AbortController();
        const asking = (async () => {
          for (;;) {
            const wasPaid = paid.signal.aborted;
            const { status, body } = await call(`${bank1.url}/payresult/${txNo}`);
            // A busy machine may be too slow for one of the questions, or for the COMMIT that follows from it.
            if (wasPaid && ![202, 503].includes(status)) {
              expect([txNo, status, body?.state]).toEqual([txNo, 200, 'CREDITED']);
              return;
            }
          }
        })();
        expect((await pay(payService, txNo, accountNo, '1.01')).status).toBe(201);
        paid.abort();
        await asking;
      });
      // Both ways have come for each of them.
      const group = services.named(BANK1_TOP_UP_CONSUMER_GROUP);
      await eventually(async () => (await topUps.consumed(group)).size === RACES, {
        timeoutMs: END_DEADLINE_MS,
      });
      for (let index = 0; index < ACCOUNTS; index++) {
        // 10.00 and a fifth of 500 times 1.01.
        expect(await books.balance('bank1', `race-${index}`)).toBe('111.00');
      }
      const { agrees, disagreements, topUps: counted, money } = await books.audit();
      expect([agrees, disagreements.listed]).toEqual([true, []]);
      expect(counted).toEqual({
        credited: { count: RACES, sum: '505.00' },
        contradicted: { count: 0, listed: [] },
      });
      expect(money.missing).toBe('0.00');
      await end(bank1, payService);
    },
    RACE_DEADLINE_MS,
  );

  it('shows in the audit when a credit is removed, the money or its row', async () => {
    for (const remove of ['removeMoney', 'removeRow'] as const) {
      const putBack = await topUps[remove]('race-7');
      const { agrees, disagreements } = await books.audit();
      expect([remove, agrees]).toEqual([remove, false]);
      expect(disagreements.listed.map(({ kind }) => kind).sort()).toEqual(['ACCOUNT', 'TOTAL']);
      await putBack();
      await expectAudit();
    }
  });

  it('lists what contradicts a credit, and credits nothing by it', async () => {
    const payService = await startPay();
    const bank1 = await startBank1(payService, NEVER);
    const sender = await ResultSender.start(services.servers, services.named(NOTIFY_TOPIC));
    const body = { id: 'race-0', accountNo: 'race-0', payAmount: 7.5, result: 'success' };
    await sender.deliver('race-0', body);
    await eventually(async () => (await topUps.topUp('race-0'))?.contradiction !== null, {
      timeoutMs: END_DEADLINE_MS,
    });
    await sender.close();
    expect(await books.balance('bank1', 'race-0')).toBe('111.00');
    const { agrees, topUps: found } = await books.audit();
    expect([agrees, found.contradicted]).toEqual([
      true,
      {
        count: 1,
        listed: [
          {
            txNo: 'race-0',
            accountNo: 'race-0',
            amount: '1.01',
            state: 'CREDITED',
            contradiction: 'a message said success: 7.50 for race-0',
          },
        ],
      },
    ]);
    await end(bank1, payService);
  });

  it('finds on the ladder what no message tells of, and gives up what pay does not know', async () => {
    await books.open('bank1', 'lost', '0.00');
    const payService = await startPay();
    const bank1 = await startBank1(payService, SHORT);
    await topUps.payWithoutMessage('lost-1', 'lost', '5.00');
    await expectTopUp(bank1, 'lost-1', 'lost', '5.00');
    await untilState('lost-1', 'CREDITED');
    await expectTopUp(bank1, 'unpaid-1', 'lost', '3.00');
    await untilState('unpaid-1', 'GIVEN_UP');
    expect(await books.balance('bank1', 'lost')).toBe('5.00');
    // Nobody has decided that it was not paid.
    expect((await pay(payService, 'unpaid-1', 'lost', '3.00')).status).toBe(201);
    await untilState('unpaid-1', 'CREDITED');
    expect(await books.balance('bank1', 'lost')).toBe('8.00');
    await expectAudit();
    await end(bank1, payService);
  });

  it(
    'pay is killed as it pays: a payment is made once or not at all, and credited exactly then',
    async () => {
      await books.open('bank1', 'killed-pay', '0.00');
      for (const point of PAY_POINTS) {
        const txNo = `pay-${point}`;
        const victim = await startPay(faults({ point, action: 'kill', txNo }));
        // A relay is killed after its caller has the answer.
        await pay(victim, txNo, 'killed-pay', '1.00').catch(() => undefined);
        expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
      }
      const before = await topUps.payments();
      const survivor = await startPay();
      const bank1 = await startBank1(survivor, NEVER);
      for (const point of PAY_POINTS) {
        const txNo = `pay-${point}`;
        const { status } = await pay(survivor, txNo, 'killed-pay', '1.00');
        expect([txNo, status]).toEqual([txNo, before.has(txNo) ? 200 : 201]);
      }
      for (const point of PAY_POINTS) await untilState(`pay-${point}`, 'CREDITED');
      expect(await books.balance('bank1', 'killed-pay')).toBe(`${PAY_POINTS.length}.00`);
      await expectAudit();
      await end(bank1, survivor);
    },
    KILLS_DEADLINE_MS,
  );

  it(
    'bank1 is killed as it receives and as it asks: credited once each',
    async () => {
      await books.open('bank1', 'killed-bank', '0.00');
      const payService = await startPay();
      const asked = ASKING_POINTS.map((point) => ({ point, txNo: `ask-${point}`, isAsked: true }));
      const told = CONSUMING_POINTS.map((point) => ({ point, txNo: `tell-${point}`, isAsked: false }));
      for (const { point, txNo, isAsked } of [...asked, ...told]) {
        const rule: FaultRule = { point, action: 'kill', txNo };
        const victim = await startBank1(payService, { ...(isAsked ? EAGER : NEVER), ...faults(rule) });
        // Pay does not know it yet where the point is about that.
        const isUnknown = point === 'service:top-up.undecided';
        if (isAsked && !isUnknown) await topUps.payWithoutMessage(txNo, 'killed-bank', '1.00');
        if (isAsked) await expectTopUp(victim, txNo, 'killed-bank', '1.00').catch(() => undefined);
        else await pay(payService, txNo, 'killed-bank', '1.00');
        expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
        if (isUnknown) await topUps.payWithoutMessage(txNo, 'killed-bank', '1.00');
      }
      const survivor = await startBank1(payService, EAGER);
      for (const { txNo } of [...asked, ...told]) await untilState(txNo, 'CREDITED');
      expect(await books.balance('bank1', 'killed-bank')).toBe(`${asked.length + told.length}.00`);
      await expectAudit();
      await end(survivor, payService);
    },
    KILLS_DEADLINE_MS,
  );
});
