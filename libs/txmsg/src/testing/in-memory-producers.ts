import type {
  CheckBackHandler,
  HalfMessage,
  OutgoingMessage,
  Producer,
  TransactionalProducer,
  TransactionResolution,
} from '../broker/index.js';
import { BrokerError, HalfMessageForgottenError } from '../errors/index.js';
import { refuseUnfitMessage } from '../rocketmq/outgoing-message.rules.js';
import { InMemoryClient } from './in-memory-client.js';
import type { InMemoryFaults } from './in-memory-faults.js';
import type { InMemoryTopic, StoredHalfMessage } from './in-memory-topic.js';

export class InMemoryProducer extends InMemoryClient implements Producer {
  async send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    const operation = 'sending a message';
    refuseUnfitMessage(message, this.topic.name);
    const stored = await this.call(operation, timeoutMs, () => {
      if (this.topic.isTransactional) {
        throw new BrokerError(operation, this.topic.name, 'the topic is not of type NORMAL');
      }
      return this.topic.store(message);
    });
    if (this.faults.strikes('RECEIPT'))
      throw new BrokerError(operation, this.topic.name, 'the receipt was lost');
    if (this.faults.takeDuplicate()) this.topic.publish(stored);
    return { messageId: stored.messageId };
  }
}

export class InMemoryTransactionalProducer extends InMemoryClient implements TransactionalProducer {
  constructor(
    topic: InMemoryTopic,
    faults: InMemoryFaults,
    readonly checkBack: CheckBackHandler,
  ) {
    super(topic, faults);
  }

  override start(): void {
    super.start();
    this.topic.responders.add(this);
  }

  override close(timeoutMs: number): Promise<void> {
    this.topic.responders.delete(this);
    return super.close(timeoutMs);
  }

  async sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage> {
    const operation = 'sending a half message';
    refuseUnfitMessage(message, this.topic.name);
    const half = await this.call(operation, timeoutMs, () => this.topic.storeHalfMessage(message));
    if (this.faults.strikes('HALF_MESSAGE_RECEIPT')) {
      throw new BrokerError(operation, this.topic.name, 'the receipt was lost');
    }
    return {
      messageId: half.message.messageId,
      end: (resolution, endTimeoutMs) => this.end(half, resolution, endTimeoutMs),
    };
  }

  private async end(
    half: StoredHalfMessage,
    resolution: TransactionResolution,
    timeoutMs: number,
  ): Promise<void> {
    const operation = 'ending the half message';
    const { topic, faults } = this;
    await this.call(operation, timeoutMs, () => {
      if (faults.strikes('TRANSACTION')) throw new HalfMessageForgottenError(topic.name);
      if (faults.strikes('END')) return;
      topic.end(half, resolution);
      if (resolution === 'COMMIT' && faults.takeDuplicate()) topic.publish(half.message);
      if (faults.strikes('END_ANSWER')) throw new BrokerError(operation, topic.name, 'the answer was lost');
    });
  }
}
