import { randomUUID } from 'node:crypto';
import type { BrokerClient, BrokerTransport } from '../../../libs/txmsg/src/broker/index.js';
import { createTransport } from '../../../libs/txmsg/src/rocketmq/create-transport.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { measureLimit, type LimitFigures } from './limit-meter.js';

export const TRANSPORTS = ['grpc', 'remoting'] as const;
type Transport = (typeof TRANSPORTS)[number];

const SENDERS = [1, 64];
const RECEIVERS = 8;
const DEADLINE_MS = 30_000;
const RECEIVE = { messagesMax: 32, awaitMs: 1000, invisibleMs: 60_000 };
const CLOSE_DEADLINE_MS = 2000;
/** What keeps a client from its work is in its errors. */
const QUIET = { log: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
/** About what a transfer's message has. */
const BODY = Buffer.from(JSON.stringify({ accountChange: { filling: 'x'.repeat(120) } }));

/** Half messages with their COMMIT, then the same messages received and acknowledged, by the library's own clients. */
export async function brokerLimits(
  world: BenchWorld,
  transport: Transport,
  seconds: number,
): Promise<LimitFigures[]> {
  const [topic, group] = [`topic_limits_${transport}`, `consumer_group_limits_${transport}`];
  await world.createTopic(topic, 'TRANSACTION', group);
  const clients = await transportOf(world, transport);
  return [
    ...(await sendingLimits(world, clients, topic, transport, seconds)),
    await receivingLimit(world, clients, topic, group, transport, seconds),
  ];
}

function transportOf({ environment }: BenchWorld, transport: Transport): Promise<BrokerTransport> {
  const { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = environment;
  return createTransport(
    transport === 'remoting'
      ? { transport, nameServers: ROCKETMQ_NAMESRV.split(';'), logger: QUIET }
      : { endpoints: ROCKETMQ_ENDPOINTS, logger: QUIET },
  );
}

async function sendingLimits(
  world: BenchWorld,
  clients: BrokerTransport,
  topic: string,
  transport: Transport,
  seconds: number,
): Promise<LimitFigures[]> {
  // What is asked about, it remembers by itself.
  const producer = clients.createTransactionalProducer(topic, () => Promise.resolve('UNKNOWN'));
  let committed = 0;
  const work = async (): Promise<number> => {
    const message = { topic, key: randomUUID(), body: BODY, properties: {} };
    const half = await producer.sendHalfMessage(message, DEADLINE_MS);
    await half.end('COMMIT', DEADLINE_MS);
    committed += 1;
    return 1;
  };
  return whileOpen(producer, async () => {
    const figures: LimitFigures[] = [];
    for (const callers of SENDERS) {
      const title = `half message + COMMIT, ${transport}`;
      figures.push(await measureLimit(world, { title, callers, work }, seconds));
    }
    await waitUntil(
      `Every COMMIT of ${topic}`,
      { deadlineMs: DEADLINE_MS },
      async () => (await world.admin.messagesEver(topic)) >= committed,
    );
    return figures;
  });
}

/** Of what the senders have left, for as long as that lasts. */
function receivingLimit(
  world: BenchWorld,
  clients: BrokerTransport,
  topic: string,
  group: string,
  transport: Transport,
  seconds: number,
): Promise<LimitFigures> {
  const consumer = clients.createConsumer(topic, group);
  const work = async (): Promise<number> => {
    const deliveries = await consumer.receive(RECEIVE);
    await Promise.all(deliveries.map((delivery) => delivery.acknowledge(DEADLINE_MS)));
    return deliveries.length;
  };
  const title = `receive + acknowledge, ${transport}`;
  return whileOpen(consumer, () => measureLimit(world, { title, callers: RECEIVERS, work }, seconds));
}

async function whileOpen<Result>(client: BrokerClient, measure: () => Promise<Result>): Promise<Result> {
  client.start();
  try {
    await client.whenReady(DEADLINE_MS);
    return await measure();
  } finally {
    await client.close(CLOSE_DEADLINE_MS);
  }
}
