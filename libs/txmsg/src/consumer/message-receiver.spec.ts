import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BatchSize } from '../batching/index.js';
import type { Consumer, Delivery } from '../broker/index.js';
import { eventually } from '../testing/eventually.js';
import type { DeliveryConcluder } from './delivery.concluder.js';
import type { InvisibleRenewal } from './invisible-renewal.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { MessageReceiver } from './message-receiver.js';
import type { MessageWorker } from './message-worker.js';

describe('a receiver whose messages come one by one', () => {
  it.each([1, 2])('makes full batches of a backlog, with concurrency %i', async (concurrency) => {
    const batchSize = BatchSize.adaptive(8);
    const batches: number[] = [];
    let held = 0;
    let heldMax = 0;
    const consumer = {
      start: () => undefined,
      whenReady: () => Promise.resolve(),
      close: () => Promise.resolve(),
      receive: async () => {
        await nextTick();
        heldMax = Math.max(heldMax, ++held);
        return [{}] as Delivery[];
      },
    } as unknown as Consumer;
    const worker = {
      work: async (batch: readonly Delivery[], endConsuming: () => void) => {
        batches.push(batch.length);
        // As many messages may arrive meanwhile as there is room for.
        for (let tick = 0; tick < 100; tick++) await nextTick();
        batchSize.handled(batch.length, { totalMs: 0, outsideDatabaseMs: 0 });
        endConsuming();
        held -= batch.length;
        return false;
      },
    } as unknown as MessageWorker;
    const listener = { concurrency, handlers: { batchSize }, limits: {} } as RegisteredMessageListener;
    const renewal = { keep: () => undefined, end: () => undefined } as unknown as InvisibleRenewal;
    const concluder = { giveBack: () => Promise.resolve() } as unknown as DeliveryConcluder;
    const receiver = new MessageReceiver(listener, consumer, worker, renewal, concluder);
    receiver.start();
    try {
      await eventually(() => Math.max(...batches) === 8);
    } finally {
      await receiver.stop(5000);
    }
    expect(heldMax).toBeLessThanOrEqual((concurrency + 1) * 8);
  });
});

describe('a receiver that lets messages gather', () => {
  it.each([
    ['asks for no more while others gather', 1, 1],
    ['asks again at once when as many came as there was room for', 32, 2],
  ])('%s', async (_what, came, asked) => {
    const room: number[] = [];
    const consumer = {
      start: () => undefined,
      whenReady: () => Promise.resolve(),
      close: () => Promise.resolve(),
      receive: async ({ messagesMax }: { messagesMax: number }) => {
        await nextTick();
        room.push(messagesMax);
        return Array.from({ length: Math.min(came, messagesMax) }, () => ({})) as Delivery[];
      },
    } as unknown as Consumer;
    const worker = { work: () => new Promise<boolean>(() => undefined) } as unknown as MessageWorker;
    const handlers = { batchSize: BatchSize.fixed(32) };
    const listener = {
      concurrency: 1,
      handlers,
      limits: {},
      gatherMs: 3_600_000,
    } as RegisteredMessageListener;
    const renewal = { keep: () => undefined, end: () => undefined } as unknown as InvisibleRenewal;
    const concluder = { giveBack: () => Promise.resolve() } as unknown as DeliveryConcluder;
    const receiver = new MessageReceiver(listener, consumer, worker, renewal, concluder);
    receiver.start();
    for (let tick = 0; tick < 100; tick++) await nextTick();
    await receiver.stop(10);
    expect(room).toHaveLength(asked);
  });
});
