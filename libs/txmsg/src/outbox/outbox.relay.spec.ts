import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { BrokerClients, Producer } from '../broker/index.js';
import type { FaultInjector } from '../faults/index.js';
import { eventually } from '../testing/eventually.js';
import type { ClaimedMessage, LocalMessageStore } from './local-message.store.js';
import { OutboxRelay } from './outbox.relay.js';

describe('a relay that lets messages gather', () => {
  it('publishes 32 at once, and what is there at its end', async () => {
    const read: string[][] = [];
    const sent: string[] = [];
    const store = {
      claim: () => Promise.resolve([]),
      readHandedOver: (ids: readonly string[]) => {
        read.push([...ids]);
        return Promise.resolve(
          ids.map((id) => ({ id, topic: 'topic', txNo: id, attempts: 1 }) as unknown as ClaimedMessage),
        );
      },
      markPublished: () => Promise.resolve(),
    } as unknown as LocalMessageStore;
    const producer = {
      start: () => undefined,
      isReady: () => true,
      close: () => Promise.resolve(),
      send: ({ key }: { key: string }) => Promise.resolve(sent.push(key)),
    } as unknown as Producer;
    const clients = { producer: () => producer } as unknown as BrokerClients;
    const faults = { at: () => Promise.resolve() } as unknown as FaultInjector;
    const relay = new OutboxRelay(['topic'], store, clients, faults, { gatherMs: 3_600_000 });
    relay.start();
    try {
      for (let number = 1; number <= 31; number++) {
        relay.handOver([String(number)]);
        for (let tick = 0; tick < 3; tick++) await nextTick();
      }
      expect(read).toEqual([]);
      relay.handOver(['32']);
      await eventually(() => sent.length === 32);
      expect(read).toHaveLength(1);
      relay.handOver(['33']);
    } finally {
      await relay.stop(5000);
    }
    expect(sent).toHaveLength(33);
  });
});
