// Runs inside bank1's container, as bank1's user at RocketMQ: puts COUNT messages of 4 MB garbage on the transfer topic.
import { Buffer } from 'node:buffer';
import { RocketmqTransport } from '/app/libs/txmsg/dist/rocketmq/index.js';

const BYTES = 4_000_000;
const DEADLINE_MS = 30_000;
const { ROCKETMQ_ENDPOINTS, ROCKETMQ_ACCESS_KEY, ROCKETMQ_ACCESS_SECRET, COUNT } = process.env;

const garbage = [
  Buffer.concat([Buffer.from('{"accountChange":['), Buffer.alloc(BYTES, '[0],')]),
  Buffer.concat([Buffer.from('{"accountChange":{"txNo":"large","amount":"'), Buffer.alloc(BYTES, '9')]),
];
const transport = new RocketmqTransport({
  endpoints: ROCKETMQ_ENDPOINTS,
  credentials: { accessKey: ROCKETMQ_ACCESS_KEY, accessSecret: ROCKETMQ_ACCESS_SECRET },
});
// What belongs to bank1 is for bank1 to answer.
const producer = transport.createTransactionalProducer('topic_txmsg', () => Promise.resolve('UNKNOWN'));
producer.start();
await producer.whenReady(DEADLINE_MS);
for (let sent = 0; sent < Number(COUNT); sent++) {
  const body = garbage[sent % garbage.length].subarray(0, BYTES);
  const message = { topic: 'topic_txmsg', key: `garbage-${sent}`, body, properties: {} };
  const halfMessage = await producer.sendHalfMessage(message, DEADLINE_MS);
  // When the answer is lost, check-backs are answered COMMIT.
  await halfMessage.end('COMMIT', DEADLINE_MS).catch(() => undefined);
}
await producer.close(5000);
