import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import type { ServiceProcess } from './kit/service-process.js';
import { faults } from './kit/faults.js';
import { postJson } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import type { ReceivedSpan } from './kit/otlp-receiver.js';
import { TestBanks } from './kit/test-banks.js';
import { startCollector, type TraceCollector } from './kit/trace-collector.js';
import { treeOf } from './kit/trace-tree.js';

const DEADLINE = { timeoutMs: 120_000, intervalMs: 250 };

/** As `treeOf`, where `T` is the topic of transfers and `R` that of results. */
const BEGUN = [
  'bank1 POST /bank1/transfers < -',
  'bank1 local transaction < bank1 send T',
  'bank1 send T < bank1 POST /bank1/transfers',
];
const COMMITTED = 'bank1 COMMIT < bank1 send T';
const DELIVERED = [
  'bank1 ack R < bank1 process R',
  'bank1 process R < bank2 send R',
  'bank2 ack T < bank2 process T',
  'bank2 process T < bank1 send T',
  'bank2 send R < bank2 process T',
];

describe('the trace of a transfer holds together', () => {
  let banks: TestBanks;
  let collector: TraceCollector;
  let bank1: ServiceProcess;

  beforeAll(async () => {
    collector = await startCollector();
    banks = await TestBanks.create('trace_faults');
    const bank2 = await banks.start('bank2', {
      ...collector.settings,
      ...faults({ point: 'consume.executed', action: 'throw', txNo: 'fails-first' }),
    });
    bank1 = await banks.start('bank1', {
      ...collector.settings,
      ...ADMIN_SETTINGS,
      ...faults(
        { point: 'resolution.before-send', action: 'throw', txNo: 'checked' },
        // As if the broker had lost it: nobody ever tells, or answers, what is to become of this half message.
        { point: 'resolution.before-send', action: 'throw', txNo: 'lost' },
        { point: 'check-back.received', action: 'throw', txNo: 'lost', times: 10_000 },
      ),
      BANK2_URL: new URL(bank2.url).origin,
    });
  });
  afterAll(async () => {
    await banks.close();
    await collector.close();
  });

  /** Makes the transfer in a trace of its own. */
  const transferIn = async (order: { readonly txNo: string }, amount = '4.00'): Promise<string> => {
    const traceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` };
    const answer = await postJson(`${bank1.url}/transfers`, JSON.stringify({ ...order, amount }), headers);
    expect(answer.status).toBe(201);
    return traceId;
  };
  const accounts = async (txNo: string) => ({ ...(await banks.books.openPair(txNo, '10.00')), txNo });
  const tree = async (traceId: string): Promise<string[]> =>
    treeOf(await collector.ofTrace(traceId)).map((line) =>
      line.replaceAll(banks.resultTopic, 'R').replaceAll(banks.topic, 'T'),
    );
  /** Waits for exactly these spans. */
  const untilTree = (traceId: string, ...lines: readonly string[]): Promise<unknown> =>
    eventually(async () => {
      expect(await tree(traceId)).toEqual([...lines].sort());
    }, DEADLINE);
  const named = async (traceId: string, name: string): Promise<ReceivedSpan[]> =>
    (await collector.ofTrace(traceId)).filter((span) => span.name === name);
  const attribute = (span: ReceivedSpan, name: string): unknown => {
    const value = span.attributes.find(({ key }) => key === name)?.value;
    return value?.stringValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue));
  };

  it('when its COMMIT is lost and the broker checks back', async () => {
    const traceId = await transferIn(await accounts('checked'));
    await untilTree(traceId, ...BEGUN, 'bank1 check-back < bank1 send T', ...DELIVERED);
  });

  it('when bank2 fails once and the message is delivered again', async () => {
    const traceId = await transferIn(await accounts('fails-first'));
    await untilTree(traceId, ...BEGUN, COMMITTED, ...DELIVERED);
    const processed = await named(traceId, `process ${banks.topic}`);
    const ends = processed.map((span) => [
      attribute(span, 'txmsg.delivery_attempt'),
      attribute(span, 'error.type') ?? attribute(span, 'txmsg.outcome'),
    ]);
    expect(ends.sort()).toEqual([
      [1, 'InjectedFaultError'],
      [2, 'DONE'],
    ]);
    // The first failed before it published anything.
    expect(await named(traceId, `send ${banks.resultTopic}`)).toHaveLength(1);
  });

  it('when bank2 refuses it and bank1 refunds', async () => {
    const accountNo = 'payer-of-refused';
    await banks.books.open('bank1', accountNo, '10.00');
    await banks.books.open('bank2', 'frozen', '0.00', 'FROZEN');
    const traceId = await transferIn({ ...{ accountNo, toAccountNo: 'frozen' }, txNo: 'refused' });
    await untilTree(traceId, ...BEGUN, COMMITTED, ...DELIVERED);
    await expectAllEnded(banks.books);
    expect(await banks.books.outgoing('refused')).toMatchObject({ state: 'REFUNDED' });
  });

  it('when its message is lost and reconciliation sends it again', async () => {
    const admin = new Admin(bank1);
    const traceId = await transferIn(await accounts('lost'));
    const { body } = await admin.post('reconciliation', { txNo: 'lost' });
    expect(body).toMatchObject({ checked: 1, republished: 1 });
    const again = [
      'bank1 reconciliation < bank1 POST /bank1/transfers',
      'bank1 send T < bank1 reconciliation',
      'bank2 GET /bank2/transfers/:txNo < bank1 reconciliation',
    ];
    await expectAllEnded(banks.books);
    // Now the first half message is found after all, and its message is a duplicate in the same trace.
    await admin.meetFaults();
    const processed = (): Promise<ReceivedSpan[]> => named(traceId, `process ${banks.topic}`);
    await eventually(async () => (await processed()).length === 2, DEADLINE);
    await untilTree(traceId, ...BEGUN, COMMITTED, ...again, 'bank1 check-back < bank1 send T', ...DELIVERED);
    const outcomes = (await processed()).map((span) => attribute(span, 'txmsg.outcome'));
    expect(outcomes.sort()).toEqual(['DONE', 'DUPLICATE']);
  });
});
