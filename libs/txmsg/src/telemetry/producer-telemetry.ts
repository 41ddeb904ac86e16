import { SpanKind, type Attributes, type Context } from '@opentelemetry/api';
import { ClientOperation } from './client-operation.js';
import { secondsSince, type Instruments } from './instruments.js';
import { Labels, labelsFor } from './labels.js';
import { ATTRIBUTE, OWN_ATTRIBUTE, VALUE } from './names.js';
import { messageAttributes, type SpanForm, type Spans, type TracedMessage } from './spans.js';
import { contextOf, type TraceCarrier } from './trace-carrier.js';
import type { TracedWork } from './traced-work.js';

const OUTCOMES = ['COMMIT', 'ROLLBACK', 'UNKNOWN'] as const;
/** What a local transaction came to, and what a check-back is answered. */
export type TracedOutcome = (typeof OUTCOMES)[number];
const ANSWERS = ['COMMITTED', 'ROLLED_BACK', 'UNKNOWN', 'FAILED'] as const;
/** What the caller of a transactional send was answered; `FAILED`: it was thrown an error. */
export type SendAnswer = (typeof ANSWERS)[number];
type Resolution = Exclude<TracedOutcome, 'UNKNOWN'>;

/** The spans and metrics of those who send to one topic: half messages with what follows from them, and the outbox. */
export class ProducerTelemetry {
  private readonly topicLabels: Attributes;
  private readonly outcomeLabels: Readonly<Record<TracedOutcome, Attributes>>;
  private readonly answerLabels: Readonly<Record<TracedOutcome, Attributes>>;
  private readonly stateLabels: Readonly<Record<SendAnswer, Attributes>>;
  private readonly roleLabels: Attributes;
  private readonly localTransactionForm: SpanForm;
  private readonly checkBackForm: SpanForm;
  private readonly resolutionForms: Readonly<Record<Resolution, SpanForm>>;
  private readonly halfMessages: ClientOperation;
  private readonly messages: ClientOperation;

  constructor(
    private readonly spans: Spans,
    private readonly instruments: Instruments,
    topic: string,
  ) {
    this.topicLabels = { [ATTRIBUTE.destination]: topic };
    this.outcomeLabels = labelsFor(this.topicLabels, OWN_ATTRIBUTE.outcome, OUTCOMES);
    this.answerLabels = labelsFor(this.topicLabels, OWN_ATTRIBUTE.answer, OUTCOMES);
    this.stateLabels = labelsFor(this.topicLabels, OWN_ATTRIBUTE.state, ANSWERS);
    this.roleLabels = { ...this.topicLabels, [OWN_ATTRIBUTE.role]: 'producer' };
    const base = { [ATTRIBUTE.system]: VALUE.system, ...this.topicLabels };
    const form = (name: string, kind: SpanKind, operation: string): SpanForm => ({
      name,
      kind,
      attributes: {
        ...base,
        [ATTRIBUTE.operationName]: operation,
        [ATTRIBUTE.messageType]: VALUE.transaction,
      },
    });
    this.localTransactionForm = form('local transaction', SpanKind.INTERNAL, 'local_transaction');
    this.checkBackForm = form('check-back', SpanKind.INTERNAL, 'check_back');
    this.resolutionForms = {
      COMMIT: form('COMMIT', SpanKind.CLIENT, 'commit'),
      ROLLBACK: form('ROLLBACK', SpanKind.CLIENT, 'rollback'),
    };
    this.halfMessages = this.sending(topic, base, VALUE.transaction);
    this.messages = this.sending(topic, base, VALUE.normal);
  }

  /** @param call - sends the message with the context of `work` */
  sendHalfMessage<T extends { readonly messageId: string }>(
    key: string,
    call: (work: TracedWork) => Promise<T>,
  ): Promise<T> {
    return this.send(this.halfMessages, key, call);
  }

  /** @param call - sends the message with the context of `work` */
  sendMessage<T extends { readonly messageId: string }>(
    key: string,
    call: (work: TracedWork) => Promise<T>,
  ): Promise<T> {
    return this.send(this.messages, key, call);
  }

  /** Below the half message that it belongs to. */
  localTransaction(sent: Context, message: TracedMessage): LocalTransactionTelemetry {
    const work = this.spans.start(this.localTransactionForm, sent);
    work.set(() => messageAttributes(message));
    const startMs = performance.now();
    return {
      work,
      end: (outcome, error) => {
        if (this.instruments.areOn) {
          this.instruments.localTransactionDuration(secondsSince(startMs), this.outcomeLabels[outcome]);
        }
        work.set(() => ({ [OWN_ATTRIBUTE.outcome]: outcome }));
        work.end(error);
      },
    };
  }

  /** Several local transactions in one database transaction. */
  batch(localTransactions: readonly TracedWork[]): TracedWork {
    return this.spans.startBatch(this.localTransactionForm, localTransactions);
  }

  /** COMMIT or ROLLBACK, on its way to the broker. */
  async resolve(
    sent: Context,
    messageId: string,
    resolution: Resolution,
    call: () => Promise<void>,
  ): Promise<void> {
    const work = this.spans.start(this.resolutionForms[resolution], sent);
    work.set(() => ({ [ATTRIBUTE.messageId]: messageId }));
    try {
      await work.within(call);
      work.end();
    } catch (error) {
      work.end(error);
      throw error;
    }
  }

  /** Below the half message that is asked about, which may have been sent by another process. */
  async checkBack(
    message: TracedMessage & { readonly properties: TraceCarrier },
    answer: () => Promise<TracedOutcome>,
  ): Promise<TracedOutcome> {
    const work = this.spans.start(this.checkBackForm, contextOf(message.properties));
    work.set(() => messageAttributes(message));
    try {
      const answered = await work.within(answer);
      this.instruments.checkBacks(1, this.answerLabels[answered]);
      work.set(() => ({ [OWN_ATTRIBUTE.answer]: answered }));
      work.end();
      return answered;
    } catch (error) {
      this.instruments.checkBacks(1, this.answerLabels.UNKNOWN);
      work.end(error);
      throw error;
    }
  }

  /** Callers will be answered. All their answers are told from now on, so that the first of each is seen to be an increase. */
  expectSends(): void {
    for (const labels of Object.values(this.stateLabels)) this.instruments.sends(0, labels);
  }

  /** Counts what the caller is answered, which is not always what its local transaction comes to later. */
  async countAnswer<T extends { readonly state: SendAnswer }>(send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      this.instruments.sends(1, this.stateLabels[answer.state]);
      return answer;
    } catch (error) {
      this.instruments.sends(1, this.stateLabels.FAILED);
      throw error;
    }
  }

  /** A call that was repeated. */
  duplicate(): void {
    this.instruments.duplicates(1, this.roleLabels);
  }

  /** A database transaction was committed or rolled back. @param size - how many local transactions shared it */
  transaction(size: number): void {
    this.instruments.batchSize(size, this.roleLabels);
  }

  commitUnknown(): void {
    this.instruments.unknownCommits(1, this.roleLabels);
  }

  private sending(topic: string, base: Attributes, messageType: string): ClientOperation {
    const labels = { ...base, [ATTRIBUTE.operationName]: VALUE.send };
    const attributes = {
      ...labels,
      [ATTRIBUTE.operationType]: VALUE.send,
      [ATTRIBUTE.messageType]: messageType,
    };
    const form = { name: `send ${topic}`, kind: SpanKind.PRODUCER, attributes };
    return new ClientOperation(
      this.spans,
      this.instruments,
      form,
      new Labels(labels),
      this.instruments.sentMessages,
    );
  }

  private send<T extends { readonly messageId: string }>(
    operation: ClientOperation,
    key: string,
    call: (work: TracedWork) => Promise<T>,
  ): Promise<T> {
    return operation.run(async (work) => {
      work.set(() => messageAttributes({ keys: [key] }));
      const sent = await call(work);
      work.set(() => ({ [ATTRIBUTE.messageId]: sent.messageId }));
      return sent;
    });
  }
}

/** One local transaction that is under way, waiting for its batch included. */
export interface LocalTransactionTelemetry {
  readonly work: TracedWork;
  /** @param error - why it failed; not for what the listener refused */
  end(outcome: TracedOutcome, error?: unknown): void;
}
