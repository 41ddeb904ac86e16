import {
  BrokerTransport,
  type CheckBackAnswer,
  type CheckBackHandler,
  type Consumer,
  type HalfMessage,
  type MessageHead,
  type OutgoingMessage,
  type Producer,
  type TransactionalProducer,
  type TransactionResolution,
} from '../src/broker/index.js';

/** What was said about one half message, in order: resolutions sent by the sender, and answers to check-backs. */
export interface HalfMessageRecord {
  readonly txNo: string;
  readonly attempt: string;
  readonly resolutionsSent: TransactionResolution[];
  readonly checkBackAnswers: CheckBackAnswer[];
}

/**
 * Wraps a real transport and writes down what is said to the broker about each half message, so that a test can
 * assert exact facts ("ROLLBACK is never sent for an attempt that commits") beside the balances.
 */
export class RecordingTransport extends BrokerTransport {
  readonly halfMessages = new Map<string, HalfMessageRecord>();
  /** While it answers true for a resolution, that resolution is kept from the broker as if it had been lost on the way. */
  losesResolution: (resolution: TransactionResolution, txNo: string) => boolean = () => false;
  /** Set, it is as if the broker had asked there whenever it asks here: which instance it asks is its own choice. */
  passesCheckBacksTo: RecordingTransport | undefined;
  private readonly checkBacks = new Map<string, CheckBackHandler>();

  constructor(private readonly inner: BrokerTransport) {
    super();
  }

  override createTransactionalProducer(topic: string, checkBack: CheckBackHandler): TransactionalProducer {
    this.checkBacks.set(topic, checkBack);
    const producer = this.inner.createTransactionalProducer(topic, (message) =>
      (this.passesCheckBacksTo ?? this).answer(message),
    );
    return {
      start: () => {
        producer.start();
      },
      isReady: () => producer.isReady(),
      whyNotReady: () => producer.whyNotReady(),
      whenReady: (timeoutMs) => producer.whenReady(timeoutMs),
      close: (timeoutMs) => producer.close(timeoutMs),
      sendHalfMessage: async (message, timeoutMs) => {
        const record = this.recordOf(message.key, message.properties);
        return this.recordResolutions(await producer.sendHalfMessage(message, timeoutMs), record, message);
      },
    };
  }

  override createProducer(topic: string): Producer {
    return this.inner.createProducer(topic);
  }

  override createConsumer(topic: string, consumerGroup: string): Consumer {
    return this.inner.createConsumer(topic, consumerGroup);
  }

  /** All that was said about a txNo, one record for each of its half messages. */
  ofTxNo(txNo: string): HalfMessageRecord[] {
    return [...this.halfMessages.values()].filter((record) => record.txNo === txNo);
  }

  /** Every resolution and every definite check-back answer that the broker was given about a txNo. */
  heard(txNo: string): TransactionResolution[] {
    return this.ofTxNo(txNo).flatMap(({ resolutionsSent, checkBackAnswers }) => [
      ...resolutionsSent,
      ...checkBackAnswers.filter((answer) => answer !== 'UNKNOWN'),
    ]);
  }

  private async answer(message: MessageHead): Promise<CheckBackAnswer> {
    const answer = (await this.checkBacks.get(message.topic)?.(message)) ?? 'UNKNOWN';
    this.recordOf(message.keys[0] ?? '', message.properties).checkBackAnswers.push(answer);
    return answer;
  }

  private recordResolutions(
    halfMessage: HalfMessage,
    record: HalfMessageRecord,
    { key }: OutgoingMessage,
  ): HalfMessage {
    return {
      messageId: halfMessage.messageId,
      end: async (resolution, timeoutMs) => {
        if (this.losesResolution(resolution, key)) return;
        record.resolutionsSent.push(resolution);
        await halfMessage.end(resolution, timeoutMs);
      },
    };
  }

  private recordOf(txNo: string, properties: Readonly<Record<string, string>>): HalfMessageRecord {
    const attempt = properties['txmsg-attempt'] ?? '';
    const known = this.halfMessages.get(attempt);
    if (known !== undefined) return known;
    const record = { txNo, attempt, resolutionsSent: [], checkBackAnswers: [] };
    this.halfMessages.set(attempt, record);
    return record;
  }
}
