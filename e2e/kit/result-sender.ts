import type { Producer } from '../../libs/txmsg/src/broker/index.js';
import { quietTransport } from './quiet-transport.js';
import type { Servers } from './servers.js';

const START_DEADLINE_MS = 60_000;
const SEND_DEADLINE_MS = 30_000;

/** Puts results on the result topic that bank2 did not send: repeated ones, or contradicting ones. */
export class ResultSender {
  private constructor(
    private readonly topic: string,
    private readonly producer: Producer,
  ) {}

  static async start(servers: Servers, topic: string): Promise<ResultSender> {
    const producer = quietTransport(servers).createProducer(topic);
    producer.start();
    await producer.whenReady(START_DEADLINE_MS);
    return new ResultSender(topic, producer);
  }

  async deliver(txNo: string, body: Buffer | object): Promise<void> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    await this.producer.send({ topic: this.topic, key: txNo, body: bytes, properties: {} }, SEND_DEADLINE_MS);
  }

  close(): Promise<void> {
    return this.producer.close(2000);
  }
}
