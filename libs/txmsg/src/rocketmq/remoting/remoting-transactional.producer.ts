import type {
  CheckBackHandler,
  HalfMessage,
  OutgoingMessage,
  TransactionalProducer,
} from '../../broker/index.js';
import { Deadline, withDeadline } from '../../deadline/index.js';
import { CheckBackResponder } from '../check-back.responder.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import type { BrokerLink } from './broker-link.js';
import { RemotingClient } from './remoting.client.js';
import { RequestCode } from './remoting-codes.js';
import type { RemotingCommand } from './remoting-command.js';
import { describeFailure, toBrokerError } from './remoting-error.mapper.js';
import { RemotingHalfMessage } from './remoting-half-message.js';
import { RemotingSender } from './remoting.sender.js';
import type { RemotingSettings } from './remoting.settings.js';
import { decodeStoredMessages, type StoredMessage } from './stored-message.decoder.js';

const SENDING = 'sending a half message';

/**
 * Sends half messages under the topic's name as their group, which is the group of those that the proxy sends, and
 * so the only one whose questions instances of either transport are asked. A question is answered with the half
 * message's own group: the broker takes no other.
 */
export class RemotingTransactionalProducer implements TransactionalProducer {
  private readonly ledger = new ResolutionLedger();
  private readonly responder: CheckBackResponder;
  private readonly client: RemotingClient;
  private readonly sender: RemotingSender;

  constructor(
    private readonly topic: string,
    checkBack: CheckBackHandler,
    private readonly settings: RemotingSettings,
  ) {
    const { logger, producerGroup } = settings;
    this.responder = new CheckBackResponder(checkBack, this.ledger, logger, describeFailure);
    const producerGroups = [...new Set([topic, ...(producerGroup === undefined ? [] : [producerGroup])])];
    const name = `transactional producer of topic ${topic}`;
    this.client = new RemotingClient(
      { name, topic, uses: 'WRITE', topicType: 'TRANSACTION', producerGroups },
      settings,
      (link, command) => this.onRequest(link, command),
    );
    this.sender = new RemotingSender(this.client, topic);
  }

  async sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage> {
    try {
      const receipt = await this.sender.send(message, 'half message', timeoutMs);
      return new RemotingHalfMessage(this.topic, receipt, this.sender, this.ledger, this.client.signal);
    } catch (error) {
      throw toBrokerError(error, SENDING, this.topic, timeoutMs);
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

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const answered = this.responder.close();
    await withDeadline(answered, timeoutMs / 2, () => new Error('late')).catch(() => undefined);
    await this.client.close(deadline.remainingMs());
  }

  private onRequest(link: BrokerLink, command: RemotingCommand): boolean {
    if (command.code !== RequestCode.CHECK_TRANSACTION_STATE) return false;
    const [stored] = decodeStoredMessages(command.body);
    // A sender of another topic may have this one's name, or ours, for its group: not ours to judge.
    if (stored?.head.topic === this.topic) this.onCheckBack(link, command, stored);
    return true;
  }

  private onCheckBack({ route }: BrokerLink, { fields }: RemotingCommand, stored: StoredMessage): void {
    const { head: message, properties } = stored;
    this.settings.clocks.observe({ ...stored, ...message });
    const receipt = {
      brokerName: route.name,
      messageId: message.messageId,
      producerGroup: properties.PGROUP ?? this.topic,
      transactionId: fields.transactionId ?? message.messageId,
      queueOffset: fields.tranStateTableOffset ?? '',
      storeOffset: fields.commitLogOffset ?? '',
    };
    this.responder.receive({
      message,
      answer: async (resolution) => {
        await this.sender.end(receipt, resolution, true, this.settings.requestTimeoutMs);
      },
    });
  }
}
