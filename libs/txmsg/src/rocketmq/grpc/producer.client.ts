import {
  Producer,
  SendReceipt,
  type Endpoints,
  type MessageQueue,
  type TopicRouteData,
} from 'rocketmq-client-nodejs';
import type { OutgoingMessage, TransactionResolution } from '../../broker/index.js';
import { BrokerError } from '../../errors/index.js';
import { refuseUnlessOk } from './broker-error.mapper.js';
import type { ClientOptions } from './client-options.js';
import {
  createResource,
  EndTransactionRequest,
  MessageType,
  TransactionResolution as WireResolution,
  TransactionSource,
  type wire,
} from './client-protocol.js';
import { hardened } from './hardened-client.js';
import { MessageIdentity } from '../message-identity.js';
import { wrongTopicType } from '../mqadmin.js';
import { encodeSendRequest } from './outgoing-message.encoder.js';

export type MessageKind = 'half message' | 'message';
export type CheckBackListener = (
  endpoints: Endpoints,
  command: wire.RecoverOrphanedTransactionCommand,
) => void;

/** What the broker needs to find a half message again. */
export interface HalfMessageReceipt {
  readonly endpoints: Endpoints;
  readonly messageId: string;
  readonly transactionId: string;
}

const RESOLUTIONS = { COMMIT: WireResolution.COMMIT, ROLLBACK: WireResolution.ROLLBACK };

/**
 * A producer of one topic. It declares the topic when it starts: the proxy asks only clients that declared the
 * topic about half messages, and after a restart nothing has been sent yet that would declare it. One topic per
 * client, because rocketmq-client-nodejs 1.0.8 may miss the broker's first answer with more of them.
 */
export class ProducerClient extends hardened(Producer) {
  readonly #identity = new MessageIdentity();
  #turn = 0;

  constructor(
    private readonly topic: string,
    options: ClientOptions,
    private readonly onCheckBack: CheckBackListener,
    private readonly kind: MessageKind,
  ) {
    super({ ...options, topics: [topic] });
  }

  /** A topic that cannot take what this producer is for keeps it from starting. */
  protected override onTopicRouteDataUpdate(topic: string, route: TopicRouteData): void {
    for (const queue of route.messageQueues) refuseUnlessTyped(queue, this.kind);
    super.onTopicRouteDataUpdate(topic, route);
  }

  /**
   * Sends once. Producer.send would send ordinary messages up to three times on its own, isolate an endpoint
   * permanently after one failure, and keep the first route it saw.
   */
  async publish(message: OutgoingMessage, kind: MessageKind, timeoutMs: number): Promise<SendReceipt> {
    const queue = this.#nextQueue(kind);
    const messageId = this.#identity.next();
    const request = encodeSendRequest(message, kind, this.publishingSettings, queue, messageId);
    const response = await this.connections.sendMessage(queue.broker.endpoints, request, timeoutMs);
    const [receipt] = SendReceipt.processResponseInvocation(queue, response);
    if (!receipt) throw new BrokerError(`sending a ${kind}`, this.topic, 'the answer holds no receipt');
    return receipt;
  }

  async endHalfMessage(
    receipt: HalfMessageReceipt,
    resolution: TransactionResolution,
    source: 'SOURCE_CLIENT' | 'SOURCE_SERVER_CHECK',
    timeoutMs: number,
  ): Promise<void> {
    const request = new EndTransactionRequest()
      .setTopic(createResource(this.topic))
      .setMessageId(receipt.messageId)
      .setTransactionId(receipt.transactionId)
      .setResolution(RESOLUTIONS[resolution])
      .setSource(TransactionSource[source]);
    const response = await this.connections.endTransaction(receipt.endpoints, request, timeoutMs);
    refuseUnlessOk(response.getStatus()?.toObject());
  }

  override onRecoverOrphanedTransactionCommand(
    endpoints: Endpoints,
    command: wire.RecoverOrphanedTransactionCommand,
  ): Promise<void> {
    this.onCheckBack(endpoints, command);
    return Promise.resolve();
  }

  /** The brokers in turn, without those whose session is lost while there are others. */
  #nextQueue(kind: MessageKind): MessageQueue {
    const all = this.brokersOf(this.topic, 'WRITE');
    const live = all.filter(({ broker }) => this.isLive(broker.endpoints));
    const brokers = live.length > 0 ? live : all;
    const queue = brokers[this.#turn++ % brokers.length];
    if (!queue)
      throw new BrokerError(`sending a ${kind}`, this.topic, 'no broker takes messages of this topic');
    refuseUnlessTyped(queue, kind);
    return queue;
  }
}

/** @throws BrokerError when the topic has another message type at this queue's broker */
function refuseUnlessTyped({ topic, broker, acceptMessageTypesList }: MessageQueue, kind: MessageKind): void {
  const wanted = kind === 'half message' ? 'TRANSACTION' : 'NORMAL';
  if (acceptMessageTypesList.includes(MessageType[wanted])) return;
  throw new BrokerError(`sending a ${kind}`, topic.name, wrongTopicType(topic.name, wanted, broker.name));
}
