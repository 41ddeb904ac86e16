import type { Endpoints } from 'rocketmq-client-nodejs';
import type {
  CheckBackHandler,
  HalfMessage,
  OutgoingMessage,
  TransactionalProducer,
} from '../../broker/index.js';
import { describeFailure, toBrokerError } from './broker-error.mapper.js';
import { CheckBackResponder } from '../check-back.responder.js';
import type { TransportSettings } from './client-options.js';
import type { wire } from './client-protocol.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import { TransportClient } from '../transport.client.js';
import { decodeHead, storedTimesOf } from './incoming-message.decoder.js';
import { ProducerClient } from './producer.client.js';
import { RocketmqHalfMessage } from './rocketmq-half-message.js';

const SENDING = 'sending a half message';

export class RocketmqTransactionalProducer extends TransportClient implements TransactionalProducer {
  protected readonly client: ClientSupervisor<ProducerClient>;
  private readonly ledger = new ResolutionLedger();
  private readonly responder: CheckBackResponder;

  constructor(
    topic: string,
    checkBack: CheckBackHandler,
    private readonly settings: TransportSettings,
  ) {
    super(topic, toBrokerError);
    const { logger, startTimeoutMs } = settings;
    this.responder = new CheckBackResponder(checkBack, this.ledger, logger, describeFailure);
    const onCheckBack = this.onCheckBack.bind(this);
    this.client = new ClientSupervisor({
      name: `transactional producer of topic ${topic}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) =>
        new ProducerClient(topic, settings.clientOptions(onLost), onCheckBack, 'half message'),
    });
  }

  sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage> {
    return this.call(SENDING, timeoutMs, async () => {
      const receipt = await this.client.current(SENDING).publish(message, 'half message', timeoutMs);
      return new RocketmqHalfMessage(this.topic, receipt, message.properties, this.client, this.ledger);
    });
  }

  protected override endCalls(): Promise<void> {
    return this.responder.close();
  }

  private onCheckBack(endpoints: Endpoints, command: wire.RecoverOrphanedTransactionCommand): void {
    const wireMessage = command.getMessage();
    if (!wireMessage) return;
    this.settings.clocks.observe(storedTimesOf(wireMessage));
    const message = decodeHead(wireMessage);
    const receipt = { endpoints, messageId: message.messageId, transactionId: command.getTransactionId() };
    this.responder.receive({
      message,
      answer: async (resolution) => {
        const client = this.client.current('answering a check-back');
        await client.endHalfMessage(
          receipt,
          resolution,
          'SOURCE_SERVER_CHECK',
          this.settings.requestTimeoutMs,
        );
      },
    });
  }
}
