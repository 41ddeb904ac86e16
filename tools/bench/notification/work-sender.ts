import { setTimeout as delay } from 'node:timers/promises';
import { quietTransport } from '../../../e2e/kit/quiet-transport.js';
import type { Producer } from '../../../libs/txmsg/src/broker/index.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { MESSAGES_PER_SECOND, TOPIC, typeOfMessage, type Work } from './notification-plan.js';

const START_DEADLINE_MS = 60_000;
const SEND_DEADLINE_MS = 10_000;

/** Sends messages at a fixed rate, whether or not anybody has been told of the ones before. */
export class WorkSender {
  private constructor(
    private readonly producer: Producer,
    private readonly fanOut: number,
  ) {}

  static async start({ environment }: BenchWorld, fanOut: number): Promise<WorkSender> {
    const servers = { mysqlRootUrl: '', endpoints: environment.ROCKETMQ_ENDPOINTS, namesrv: '' };
    const producer = quietTransport(servers).createProducer(TOPIC);
    producer.start();
    await producer.whenReady(START_DEADLINE_MS);
    return new WorkSender(producer, fanOut);
  }

  /** @throws whatever kept a message from the broker */
  async send(run: string, messages: number): Promise<Work[]> {
    const began = performance.now();
    const sent: Promise<Work>[] = [];
    for (let count = 0; count < messages; count++) {
      const dueInMs = began + (count * 1000) / MESSAGES_PER_SECOND - performance.now();
      if (dueInMs > 0) await delay(dueInMs);
      sent.push(this.sendOne(`${run}-${count}`, typeOfMessage(count, this.fanOut)));
    }
    return Promise.all(sent);
  }

  close(): Promise<void> {
    return this.producer.close(2000);
  }

  private async sendOne(id: string, type: string): Promise<Work> {
    const work: Work = { id, type, sentAtMs: Date.now() };
    const body = Buffer.from(JSON.stringify(work));
    await this.producer.send({ topic: TOPIC, key: id, body, properties: {} }, SEND_DEADLINE_MS);
    return work;
  }
}
