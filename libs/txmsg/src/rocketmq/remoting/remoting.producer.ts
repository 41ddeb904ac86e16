import type { OutgoingMessage, Producer } from '../../broker/index.js';
import { RemotingClient } from './remoting.client.js';
import { toBrokerError } from './remoting-error.mapper.js';
import { RemotingSender } from './remoting.sender.js';
import type { RemotingSettings } from './remoting.settings.js';

export class RemotingProducer implements Producer {
  private readonly client: RemotingClient;
  private readonly sender: RemotingSender;

  constructor(
    private readonly topic: string,
    settings: RemotingSettings,
  ) {
    const role = {
      name: `producer of topic ${topic}`,
      topic,
      uses: 'WRITE',
      topicType: 'NORMAL',
      producerGroups: [],
    } as const;
    this.client = new RemotingClient(role, settings);
    this.sender = new RemotingSender(this.client, settings.producerGroup ?? topic);
  }

  async send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    try {
      const { messageId } = await this.sender.send(message, 'message', timeoutMs);
      return { messageId };
    } catch (error) {
      throw toBrokerError(error, 'sending a message', this.topic, timeoutMs);
    }
  }

  start(): void {
    this.client.start();
  }

  isReady(): boolean {
    return this.client.isReady();
  }

  whyNotReady(): string | undefined {
    return this.client.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.client.whenReady(timeoutMs);
  }

  close(timeoutMs: number): Promise<void> {
    return this.client.close(timeoutMs);
  }
}
