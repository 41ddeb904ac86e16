import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { BankProcess } from '../bank/bank-process.js';
import { deliverCompressed } from './support/compressing-sender.js';
import type { ForeignSender } from './support/foreign-sender.js';
import { transfer } from './support/http.js';
import { expectAllEnded } from './support/money.js';
import { TestBanks } from './support/test-banks.js';

/** What Node takes for itself in a container of `mem_limit: 320m`, as docker-compose.yml gives each bank. */
const NODE_OPTIONS = '--max-old-space-size=160';
const CONTAINER_KIB = 320 * 1024;
const GARBAGE_MESSAGES = 100;
/** As much as RocketMQ takes in one message. */
const GARBAGE_BYTES = 4_000_000;

/** Each would fill the memory, or keep the process busy for seconds, if it were parsed. */
const GARBAGE: readonly ((bytes: number) => Buffer)[] = [
  (bytes) => Buffer.from(`{"accountChange":{"txNo":"large","accountNo":"1","amount":"${'9'.repeat(bytes)}`),
  (bytes) => Buffer.concat([Buffer.from('{"accountChange":['), Buffer.alloc(bytes, '[0],')]),
  (bytes) => Buffer.concat([Buffer.from('{"accountChange":'), Buffer.alloc(bytes, '{"a":')]),
  (bytes) => Buffer.from(`{"accountChange":{"${'k'.repeat(bytes / 2)}":1,"${'k'.repeat(bytes / 2)}":2}}`),
  (bytes) => randomBytes(bytes),
];

describe('messages that are far too large, at a bank2 with the memory of its container', () => {
  let banks: TestBanks;
  let bank1: BankProcess;
  let sender: ForeignSender;

  beforeAll(async () => {
    banks = await TestBanks.create('large');
    [bank1, sender] = await Promise.all([banks.start('bank1'), banks.foreignSender()]);
  });
  afterAll(async () => {
    await sender.close();
    await banks.close();
  });

  const allEnded = async (): Promise<void> => {
    await expectAllEnded(banks.books, 300_000);
    const isStored = async (): Promise<boolean> =>
      (await banks.books.deadLetters()).length === GARBAGE_MESSAGES + 1;
    await eventually(isStored, { timeoutMs: 300_000 });
  };

  it('become dead letters, and the transfer behind them is credited by the same process', async () => {
    for (let index = 0; index < GARBAGE_MESSAGES; index++) {
      const garbage = GARBAGE[index % GARBAGE.length]?.(GARBAGE_BYTES) ?? Buffer.from('x');
      await sender.deliver(garbage.subarray(0, GARBAGE_BYTES), `garbage-${index}`);
    }
    const bomb = Buffer.concat([Buffer.from('{"accountChange":['), Buffer.alloc(62_000_000, '[0],')]);
    await deliverCompressed(banks.servers, banks.topic, 'bomb', bomb);
    const order = {
      ...(await banks.books.openPair('behind', '10.00')),
      txNo: 'behind-garbage',
      amount: '4.00',
    };
    expect((await transfer(bank1, order)).status).toBe(201);

    const bank2 = await banks.start('bank2', { NODE_OPTIONS });
    await Promise.race([allEnded(), bank2.exited.then((exit) => expect(exit).toBe('still running'))]);
    expect(await banks.books.balances(order)).toEqual(['6.00', '4.00']);
    expect(new Set((await banks.books.deadLetters()).map(({ reason }) => reason))).toEqual(
      new Set(['POISON']),
    );
    await bank2.waitUntilReady(30_000);
    if (process.platform === 'linux') expect(peakKib(bank2.pid)).toBeLessThan(CONTAINER_KIB);
    // What a stranger sent is in the database, cut; the log only tells of it.
    expect(
      Math.max(
        ...bank2
          .output()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(5000);
  }, 900_000);
});

/** The most memory that the process has had so far. */
function peakKib(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
