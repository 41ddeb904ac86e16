import { describeBrokerContract } from '../../test/broker-contract.js';
import { InMemoryBroker } from './in-memory-broker.js';

let names = 0;

describeBrokerContract('the broker in memory', {
  hasOutage: true,
  open: () => {
    const broker = new InMemoryBroker();
    const away = new InMemoryBroker();
    away.faults.goDown();
    return Promise.resolve({
      transport: broker,
      createTopic: () => Promise.resolve(`topic_${++names}`),
      createGroup: () => Promise.resolve(`group_${++names}`),
      promptCheckBacks: () => broker.runCheckBacks(),
      unreachable: () => away,
      outage: {
        begin: () => {
          broker.faults.goDown();
          return Promise.resolve();
        },
        end: () => {
          broker.faults.comeUp();
          return Promise.resolve();
        },
      },
      patienceMs: 10_000,
    });
  },
});
