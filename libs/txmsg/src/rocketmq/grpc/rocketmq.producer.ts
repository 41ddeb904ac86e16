import type { OutgoingMessage, Producer } from '../../broker/index.js';
import { toBrokerError } from './broker-error.mapper.js';
import type { TransportSettings } from './client-options.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ProducerClient } from './producer.client.js';

const SENDING = 'sending a message';

export class RocketmqProducer implements Producer {
  private readonly supervisor: ClientSupervisor<ProducerClient>;

  constructor(
    private readonly topic: string,
    settings: TransportSettings,
  ) {
    const { logger, startTimeoutMs } = settings;
    const ignoreCheckBacks = () => undefined;
    this.supervisor = new ClientSupervisor({
      name: `producer of topic ${topic}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) =>
        new ProducerClient(topic, settings.clientOptions(onLost), ignoreCheckBacks, 'message'),
    });
  }

  start(): void {
    this.supervisor.start();
  }

  isReady(): boolean {
    return this.supervisor.isReady();
  }

  whyNotReady(): string | undefined {
    return this.supervisor.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.supervisor.whenReady(timeoutMs);
  }

  async send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    const client = this.supervisor.client(SENDING);
    try {
      const { messageId } = await client.publish(message, 'message', timeoutMs);
      return { messageId };
    } catch (error) {
      throw toBrokerError(error, SENDING, this.topic, timeoutMs);
    }
  }

  close(timeoutMs: number): Promise<void> {
    return this.supervisor.close(timeoutMs);
  }
}
