import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { deliverCompressed } from './kit/compressing-sender.js';
import type { ForeignSender } from './kit/foreign-sender.js';
import { transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

/** Not more than Node gives itself in a container of `mem_limit: 320m`, as docker-compose.yml has it. */
const NODE_OPTIONS = '--max-old-space-size=160';
const CONTAINER_KIB = 320 * 1024;
const MESSAGES = 100;
/** As much as RocketMQ takes in one message. */
const GARBAGE_BYTES = 4_000_000;

/** Each would fill the memory, or keep the process busy for seconds, if it were parsed. */
const GARBAGE: readonly Buffer[] = [
  Buffer.from(`{"accountChange":{"txNo":"large","accountNo":"1","amount":"${'9'.repeat(GARBAGE_BYTES)}`),
  Buffer.concat([Buffer.from('{"accountChange":['), Buffer.alloc(GARBAGE_BYTES, '[0],')]),
  Buffer.concat([Buffer.from('{"accountChange":'), Buffer.alloc(GARBAGE_BYTES, '{"a":')]),
  Buffer.from(
    `{"accountChange":{"${'k'.repeat(GARBAGE_BYTES / 2)}":1,"${'k'.repeat(GARBAGE_BYTES / 2)}":2}}`,
  ),
  randomBytes(GARBAGE_BYTES),
];

/** What costs most of all that is parsed: as many values, and as long strings, as the limits of the banks allow. */
const COSTLY: readonly Buffer[] = [
  costly(`[${'[0],'.repeat(2490)}"${'x'.repeat(16_384)}","${'x'.repeat(16_384)}"]`),
  costly(`{${Array.from({ length: 4900 }, (_, index) => `"k${index}":0`).join(',')}}`),
];

describe('messages that are far too large, at a bank2 with the memory of its container', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let sender: ForeignSender;

  beforeAll(async () => {
    banks = await TestBanks.create('large');
    [bank1, sender] = await Promise.all([banks.start('bank1'), banks.foreignSender()]);
  });
  afterAll(async () => {
    await sender.close();
    await banks.close();
  });

  const deliver = async (bodies: readonly Buffer[], count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await sender.deliver(bodies[index % bodies.length]?.subarray(0, GARBAGE_BYTES) ?? 'none');
    }
  };
  const allEnded = async (deadLetters: number): Promise<void> => {
    await expectAllEnded(banks.books, 300_000);
    const isStored = async (): Promise<boolean> => (await banks.books.deadLetters()).length === deadLetters;
    await eventually(isStored, { timeoutMs: 300_000 });
  };
  /** Starts a bank2 for all that is on the topic, with a transfer behind it. */
  const expectToSurvive = async (txNo: string, deadLetters: number): Promise<void> => {
    const order = { ...(await banks.books.openPair(txNo, '10.00')), txNo, amount: '4.00' };
    expect((await transfer(bank1, order)).status).toBe(201);
    const bank2 = await banks.start('bank2', { NODE_OPTIONS });
    await Promise.race([
      allEnded(deadLetters),
      bank2.exited.then((exit) => {
        expect(exit).toBe('running');
      }),
    ]);
    expect(await banks.books.balances(order)).toEqual(['6.00', '4.00']);
    const reasons = (await banks.books.deadLetters()).map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(['POISON']));
    await bank2.waitUntilReady(30_000);
    if (process.platform === 'linux') expect(peakKib(bank2.pid)).toBeLessThan(CONTAINER_KIB);
    // What a stranger sent is in the database, cut; the log only tells of it.
    const lines = bank2.output().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(5000);
    await bank2.kill('SIGTERM');
  };

  it('become dead letters, and the transfer behind them is credited by the same process', async () => {
    await deliver(GARBAGE, MESSAGES);
    const bomb = Buffer.concat([Buffer.from('{"accountChange":['), Buffer.alloc(62_000_000, '[0],')]);
    await deliverCompressed(banks.servers, banks.topic, 'bomb', bomb);
    await expectToSurvive('behind-garbage', MESSAGES + 1);
  }, 900_000);

  it('do no harm either when they cost as much as the limits allow', async () => {
    await deliver(COSTLY, MESSAGES);
    await expectToSurvive('behind-costly', MESSAGES + 1 + MESSAGES);
  }, 900_000);
});

/** Wrong in the end, so that all of it is read first. */
function costly(json: string): Buffer {
  return Buffer.from(`{"accountChange":{"txNo":"costly","accountNo":"1","amount":-1,"x":${json}}}`);
}

/** The most memory that the process has had so far. */
function peakKib(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
