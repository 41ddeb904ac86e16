import { deflateSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { messageTo, type BrokerBench, type BrokerUnderTest } from './broker-contract.bench.js';

const TIMEOUT_MS = 5_000;

/** @param sendCompressed - sends as a Java producer does with bodies over 4 KB: compressed by zlib, and marked so */
export function itDeliversCompressedMessages(
  bench: BrokerBench,
  broker: BrokerUnderTest,
  sendCompressed: (topic: string, key: string, body: Buffer) => Promise<void>,
): void {
  it('delivers a compressed message, a damaged one as it came, and their neighbours', async () => {
    const topic = await broker.createTopic('NORMAL');
    const text = '{"accountChange":{}}'.repeat(500);
    const producer = await bench.producer(topic);
    await producer.send(messageTo(topic, 'before'), TIMEOUT_MS);
    await sendCompressed(topic, 'zlib', deflateSync(text));
    await sendCompressed(topic, 'damaged', Buffer.from('not compressed'));
    await producer.send(messageTo(topic, 'after'), TIMEOUT_MS);

    const inbox = await bench.inbox(topic);
    expect((await inbox.waitFor('zlib', broker.patienceMs)).body.toString()).toBe(text);
    expect((await inbox.waitFor('damaged', broker.patienceMs)).body.toString()).toBe('not compressed');
    await inbox.waitFor('before', broker.patienceMs);
    await inbox.waitFor('after', broker.patienceMs);
  });
}
