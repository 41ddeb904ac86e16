import type { OutgoingMessage, Producer } from '../../broker/index.js';
import { TransportClient } from '../transport.client.js';
import { toBrokerError } from './broker-error.mapper.js';
import type { TransportSettings } from './client-options.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ProducerClient } from './producer.client.js';

const SENDING = 'sending a message';

export class RocketmqProducer extends TransportClient implements Producer {
  protected readonly client: ClientSupervisor<ProducerClient>;

  constructor(topic: string, settings: TransportSettings) {
    super(topic, toBrokerError);
    const { logger, startTimeoutMs } = settings;
    const ignoreCheckBacks = () => undefined;
    this.client = new ClientSupervisor({
      name: `producer of topic ${topic}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) =>
        new ProducerClient(topic, settings.clientOptions(onLost), ignoreCheckBacks, 'message'),
    });
  }

  send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    return this.call(SENDING, timeoutMs, async () => {
      const { messageId } = await this.client.current(SENDING).publish(message, 'message', timeoutMs);
      return { messageId };
    });
  }
}
