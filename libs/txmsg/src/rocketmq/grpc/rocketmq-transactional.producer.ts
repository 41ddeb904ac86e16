import type { Endpoints } from 'rocketmq-client-nodejs';
import type {
  CheckBackHandler,
  HalfMessage,
  OutgoingMessage,
  TransactionalProducer,
} from '../../broker/index.js';
import { Deadline, withDeadline } from '../../deadline/index.js';
import { describeFailure, toBrokerError } from './broker-error.mapper.js';
import { CheckBackResponder } from '../check-back.responder.js';
import type { TransportSettings } from './client-options.js';
import type { wire } from './client-protocol.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import { decodeHead, storedTimesOf } from './incoming-message.decoder.js';
import { ProducerClient } from './producer.client.js';
import { RocketmqHalfMessage } from './rocketmq-half-message.js';

const SENDING = 'sending a half message';

export class RocketmqTransactionalProducer implements TransactionalProducer {
  private readonly ledger = new ResolutionLedger();
  private readonly responder: CheckBackResponder;
  private readonly supervisor: ClientSupervisor<ProducerClient>;

  constructor(
    private readonly topic: string,
    checkBack: CheckBackHandler,
    private readonly settings: TransportSettings,
  ) {
    const { logger, startTimeoutMs } = settings;
    this.responder = new CheckBackResponder(checkBack, this.ledger, logger, describeFailure);
    const onCheckBack = this.onCheckBack.bind(this);
    this.supervisor = new ClientSupervisor({
      name: `transactional producer of topic ${topic}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) =>
        new ProducerClient(topic, settings.clientOptions(onLost), onCheckBack, 'half message'),
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

  async sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage> {
    const client = this.supervisor.client(SENDING);
    try {
      const receipt = await client.publish(message, 'half message', timeoutMs);
      return new RocketmqHalfMessage(this.topic, receipt, this.supervisor, this.ledger);
    } catch (error) {
      throw toBrokerError(error, SENDING, this.topic, timeoutMs);
    }
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const answered = this.responder.close();
    await withDeadline(answered, timeoutMs / 2, () => new Error('late')).catch(() => undefined);
    await this.supervisor.close(deadline.remainingMs());
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
        const client = this.supervisor.client('answering a check-back');
        await client.settle(receipt, resolution, 'SOURCE_SERVER_CHECK', this.settings.requestTimeoutMs);
      },
    });
  }
}
