import { describe, expect, it } from '@jest/globals';
import { InMemoryBroker } from '../testing/in-memory-broker.js';
import { Telemetry } from '../telemetry/index.js';
import { BrokerClients } from './broker-clients.js';

describe('the clients that readiness covers', () => {
  it('are all of them, though they share a topic', () => {
    const clients = new BrokerClients(new InMemoryBroker(), new Telemetry());
    clients.transactionalProducer('t', () => Promise.resolve('UNKNOWN'));
    clients.producer('t');
    clients.consumer('t', 'one');
    clients.consumer('t', 'other');
    expect(clients.notReady()).toEqual([
      expect.stringMatching(/^transactional producer of t \(/),
      expect.stringMatching(/^producer of t \(/),
      expect.stringMatching(/^consumer of t for one \(/),
      expect.stringMatching(/^consumer of t for other \(/),
    ]);
  });
});
