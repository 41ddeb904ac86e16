import type {
  CheckBackHandler,
  HalfMessage,
  OutgoingMessage,
  TransactionalProducer,
} from '../../broker/index.js';
import { CheckBackResponder } from '../check-back.responder.js';
import { ResolutionLedger } from '../resolution.ledger.js';
import { TransportClient } from '../transport.client.js';
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
 * Sends half messages under the topic's name as their producer group. The proxy does the same, so the broker sends
 * check-backs to instances of either transport. A check-back is answered with the half message's own group: the broker
 * accepts no other.
 */
export class RemotingTransactionalProducer extends TransportClient implements TransactionalProducer {
  protected readonly client: RemotingClient;
  private readonly ledger = new ResolutionLedger();
  private readonly responder: CheckBackResponder;
  private readonly sender: RemotingSender;

  constructor(
    topic: string,
    checkBack: CheckBackHandler,
    private readonly settings: RemotingSettings,
  ) {
    super(topic, toBrokerError);
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

  sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage> {
    return this.call(SENDING, timeoutMs, async () => {
      const receipt = await this.sender.send(message, 'half message', timeoutMs);
      const { properties } = message;
      return new RemotingHalfMessage(
        this.topic,
        receipt,
        properties,
        this.sender,
        this.ledger,
        this.client.signal,
      );
    });
  }

  protected override endCalls(): Promise<void> {
    return this.responder.close();
  }

  private onRequest(link: BrokerLink, command: RemotingCommand): boolean {
    if (command.code !== RequestCode.CHECK_TRANSACTION_STATE) return false;
    const [stored] = decodeStoredMessages(command.body);
    // Another topic's sender may use the same group; its half messages are for that sender to answer for.
    if (stored?.head.topic === this.topic) this.onCheckBack(link, command, stored);
    return true;
  }

  private onCheckBack(link: BrokerLink, { fields }: RemotingCommand, stored: StoredMessage): void {
    const { head: message, properties } = stored;
    this.settings.clocks.observe({ ...stored, ...message });
    const receipt = {
      link,
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
