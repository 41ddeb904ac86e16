import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { MuteServer } from './kit/half-open.js';
import { postJson } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { OtlpReceiver, otlpSettings } from './kit/otlp-receiver.js';
import { TestBanks } from './kit/test-banks.js';

const SERVER = 2;
/** A bank that is not done within 9 s of SIGTERM ends itself with exit code 1, so 0 also means "in time". */
const CLEAN = { code: 0, signal: null };
const TRANSFERS = 20;

describe('the trace of a transfer', () => {
  let banks: TestBanks;
  let receiver: OtlpReceiver;
  let bank1: ServiceProcess;
  const traceId = randomBytes(16).toString('hex');
  const caller = randomBytes(8).toString('hex');

  beforeAll(async () => {
    banks = await TestBanks.create('traces');
    receiver = await OtlpReceiver.start();
    [bank1] = await Promise.all([
      banks.start('bank1', receiver.settings),
      banks.start('bank2', receiver.settings),
    ]);
    const order = { ...(await banks.books.openPair('traced', '10.00')), txNo: 'traced', amount: '4.00' };
    const headers = { traceparent: `00-${traceId}-${caller}-01` };
    expect((await postJson(`${bank1.url}/transfers`, JSON.stringify(order), headers)).status).toBe(201);
    await expectAllEnded(banks.books);
  });
  afterAll(async () => {
    await banks.close();
    receiver.close();
  });

  it("begins with bank1's request, which continues the caller's trace", async () => {
    const isRequest = ({ kind, parentSpanId }: { kind: number; parentSpanId?: string }): boolean =>
      kind === SERVER && parentSpanId === caller;
    await eventually(() => receiver.ofTrace(traceId).some(isRequest));
    expect(receiver.ofTrace(traceId).find(isRequest)).toMatchObject({
      service: 'bank1',
      name: 'POST /bank1/transfers',
    });
  });

  it('goes on at bank2, and with the result at bank1, under the same id', async () => {
    const kindsAt = (service: string): Set<number> =>
      new Set(
        receiver
          .ofTrace(traceId)
          .filter((span) => span.service === service)
          .map(({ kind }) => kind),
      );
    const PRODUCER = 4;
    const CONSUMER = 5;
    // A bank exports its spans in batches, in the order in which they end, so each of them is waited for.
    await eventually(() => {
      for (const service of ['bank1', 'bank2']) {
        expect([...kindsAt(service)]).toEqual(expect.arrayContaining([PRODUCER, CONSUMER]));
      }
    });
  });

  it('stands in the log of both banks', async () => {
    const logged = (): boolean => bank1.logs().some((line) => line.trace_id === traceId);
    await eventually(logged);
  });
});

describe('a collector that accepts and never answers', () => {
  let banks: TestBanks;
  let mute: MuteServer;

  beforeAll(async () => {
    banks = await TestBanks.create('mute_collector');
    mute = await MuteServer.start();
  });
  afterAll(async () => {
    mute.close();
    await banks.close();
  });

  it('delays neither transfers nor the end of a bank', async () => {
    const settings = otlpSettings(mute.url);
    const [bank1, bank2] = await Promise.all([
      banks.start('bank1', settings),
      banks.start('bank2', settings),
    ]);
    const pair = await banks.books.openPair('unheard', '100.00');
    for (let number = 0; number < TRANSFERS; number++) {
      const order = { ...pair, txNo: `unheard-${number}`, amount: '1.00' };
      // An answer that waited for the collector would not come within this deadline.
      const answer = await postJson(`${bank1.url}/transfers`, JSON.stringify(order), {}, 10_000);
      expect(answer.status).toBe(201);
    }
    await eventually(() => mute.asked > 0);
    await expectAllEnded(banks.books);
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
    expect(await Promise.all([bank1.exited, bank2.exited])).toEqual([CLEAN, CLEAN]);
  });
});
