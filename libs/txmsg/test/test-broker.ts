import { randomUUID } from 'node:crypto';
import { RocketmqAdmin } from '../src/admin/rocketmq-admin.js';
import type { BrokerUnderTest } from './broker-contract.bench.js';
import { RocketmqTransport } from '../src/rocketmq/grpc/rocketmq.transport.js';
import type { RocketmqGrpcOptions, TransportLogger } from '../src/options/rocketmq.options.js';

const quiet = () => undefined;
export const SILENT_LOGGER: TransportLogger = { log: quiet, warn: quiet, error: quiet, debug: quiet };

/** Somewhere on this machine where nobody listens. */
const NOBODY = '127.0.0.1:9';

/** The real broker of the test environment, with topics and groups of its own for every test. */
export interface TestBroker extends BrokerUnderTest {
  readonly options: RocketmqGrpcOptions;
  readonly admin: RocketmqAdmin;
  close(): void;
}

export function openTestBroker(addresses: { endpoints?: string; namesrv?: string } = {}): TestBroker {
  const admin = new RocketmqAdmin({ namesrv: addresses.namesrv ?? required('ROCKETMQ_NAMESRV') });
  const endpoints = addresses.endpoints ?? required('ROCKETMQ_ENDPOINTS');
  const options = { endpoints, logger: SILENT_LOGGER };
  return {
    options,
    admin,
    transport: new RocketmqTransport(options),
    createTopic: async (type) => {
      const topic = uniqueName('topic');
      await admin.createTopic(topic, type, 4);
      return topic;
    },
    createGroup: async (topic) => {
      const group = uniqueName('group');
      await admin.createConsumerGroup(group);
      await admin.startGroupAtFirstMessage(group, topic);
      return group;
    },
    promptCheckBacks: () => Promise.resolve(),
    unreachable: () => new RocketmqTransport({ ...options, endpoints: NOBODY }),
    patienceMs: 120_000,
    close: () => {
      admin.close();
    },
  };
}

export function uniqueName(kind: string): string {
  return `test_${kind}_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(
    `${name} is not set; start the servers with "npm run stack -- up" and export "npm run stack -- env"`,
  );
}
