import type { OutgoingMessage, Producer } from '../../broker/index.js';
import { TransportClient } from '../transport.client.js';
import { RemotingClient } from './remoting.client.js';
import { toBrokerError } from './remoting-error.mapper.js';
import { RemotingSender } from './remoting.sender.js';
import type { RemotingSettings } from './remoting.settings.js';

export class RemotingProducer extends TransportClient implements Producer {
  protected readonly client: RemotingClient;
  private readonly sender: RemotingSender;

  constructor(topic: string, settings: RemotingSettings) {
    super(topic, toBrokerError);
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

  send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    return this.call('sending a message', timeoutMs, async () => {
      const { messageId } = await this.sender.send(message, 'message', timeoutMs);
      return { messageId };
    });
  }
}
