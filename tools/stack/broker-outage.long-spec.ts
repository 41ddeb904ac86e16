import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BrokerError, BrokerTimeoutError } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { openRemotingTestBroker } from '../../libs/txmsg/test/remoting-test-broker.js';
import { openTestBroker } from '../../libs/txmsg/test/test-broker.js';
import {
  BrokerBench,
  messageTo,
  sendAndEnd,
  type BrokerUnderTest,
} from '../../libs/txmsg/test/broker-contract.bench.js';
import { describeBrokerContract } from '../../libs/txmsg/test/broker-contract.js';
import { EARLY_CHECK_BROKER_SETTINGS } from './broker-settings.js';
import { LocalStack } from './local-stack.js';

jest.setTimeout(300_000);

const TIMEOUT_MS = 5_000;

/** A RocketMQ of our own, because these tests take it away; MySQL is the one of the test environment. */
const mysqlUrl = process.env.MYSQL_ROOT_URL;
const directory = mkdtempSync(join(tmpdir(), 'txmsg-outage-'));
const stack = new LocalStack({
  directory,
  broker: EARLY_CHECK_BROKER_SETTINGS,
  ...(mysqlUrl ? { external: { mysqlUrl } } : {}),
});

async function open(
  openBroker: typeof openTestBroker | typeof openRemotingTestBroker,
): Promise<BrokerUnderTest> {
  const { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = await stack.up();
  const broker = openBroker({ endpoints: ROCKETMQ_ENDPOINTS, namesrv: ROCKETMQ_NAMESRV });
  const outage = {
    begin: () => stack.killServer('broker'),
    end: () => stack.startServer('broker'),
  };
  return { ...broker, outage };
}

afterAll(async () => {
  await stack.down();
  rmSync(directory, { recursive: true, force: true });
});

describeBrokerContract('RocketMQ that is killed and started again', {
  hasOutage: true,
  open: () => open(openTestBroker),
});
describeBrokerContract('RocketMQ without its proxy, killed and started again', {
  hasOutage: true,
  open: () => open(openRemotingTestBroker),
});

describe.each([
  ['the proxy', openTestBroker],
  ['its own protocol', openRemotingTestBroker],
])('a broker that is frozen, by way of %s', (_way, openBroker) => {
  let broker: BrokerUnderTest;
  let bench: BrokerBench;

  beforeAll(async () => {
    broker = await open(openBroker);
    bench = new BrokerBench(broker);
  });
  afterEach(async () => {
    stack.signalServer('broker', 'SIGCONT');
    await bench.close();
  });
  afterAll(() => broker.close?.());

  it('lets every call end within its deadline, and is found again when it goes on', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const [producer, inbox] = [await bench.transactionalProducer(topic), await bench.inbox(topic)];
    const open = await producer.sendHalfMessage(messageTo(topic, 'open'), TIMEOUT_MS);

    stack.signalServer('broker', 'SIGSTOP');
    await expect(producer.sendHalfMessage(messageTo(topic, 'lost'), 300)).rejects.toThrow(BrokerTimeoutError);
    await expect(open.end('COMMIT', 1_000)).rejects.toThrow(BrokerError);
    stack.signalServer('broker', 'SIGCONT');

    await producer.whenReady(broker.patienceMs);
    await eventually(() => sendAndEnd(producer, messageTo(topic, 'after'), 'COMMIT'), {
      timeoutMs: broker.patienceMs,
    });
    await inbox.waitFor('after', broker.patienceMs);
  });

  it('is noticed by everybody when it stays frozen, and closing ends all the same', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const producer = await bench.transactionalProducer(topic);
    const consumer = await bench.consumer(topic);
    stack.signalServer('broker', 'SIGSTOP');
    await eventually(() => !producer.isReady() && !consumer.isReady());
    await Promise.all([producer.close(1_000), consumer.close(1_000)]);
  });
});
