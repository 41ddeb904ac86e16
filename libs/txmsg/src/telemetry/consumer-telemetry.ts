import { ROOT_CONTEXT, SpanKind, type Attributes } from '@opentelemetry/api';
import { ClientOperation } from './client-operation.js';
import { secondsSince, type Instruments } from './instruments.js';
import { Labels } from './labels.js';
import { ATTRIBUTE, OWN_ATTRIBUTE, VALUE } from './names.js';
import { messageAttributes, type SpanForm, type Spans, type TracedMessage } from './spans.js';
import { contextOf, type TraceCarrier } from './trace-carrier.js';
import type { TracedWork } from './traced-work.js';
import { activeContext } from './within.js';

/** A message that was received. */
export interface ProcessedMessage extends TracedMessage {
  readonly properties: TraceCarrier;
  readonly bornAtMs: number | undefined;
}

/** What is told of one delivery. */
export interface TracedDelivery {
  readonly message: ProcessedMessage;
  readonly deliveryAttempt: number;
}

/** What came of a message: its transaction is committed, or nothing was to be done, or why it failed. */
export type ProcessingResult = 'DONE' | 'DUPLICATE' | 'IGNORED' | Error;

/** One message that is being processed. */
export interface MessageProcessing {
  readonly work: TracedWork;
  /** Call it once, when its transaction is over. */
  end(result: ProcessingResult): void;
}

/** The spans and metrics of one consumer group. */
export class ConsumerTelemetry {
  private readonly acknowledging: ClientOperation;
  private readonly base: Attributes;
  private readonly groupLabels: Attributes;
  private readonly roleLabels: Attributes;
  private readonly receiveLabels: Labels;
  private readonly processLabels: Labels;
  private readonly receiveForm: SpanForm;
  private readonly processForm: SpanForm;

  constructor(
    private readonly spans: Spans,
    private readonly instruments: Instruments,
    topic: string,
    private readonly consumerGroup: string,
  ) {
    this.groupLabels = {
      [ATTRIBUTE.destination]: topic,
      [ATTRIBUTE.consumerGroup]: consumerGroup,
    };
    this.roleLabels = { [ATTRIBUTE.destination]: topic, [OWN_ATTRIBUTE.role]: 'consumer' };
    this.base = { [ATTRIBUTE.system]: VALUE.system, ...this.groupLabels };
    this.receiveLabels = this.labelsOf('receive');
    this.processLabels = this.labelsOf('process');
    this.receiveForm = this.formOf(`receive ${topic}`, SpanKind.CLIENT, this.receiveLabels, VALUE.receive);
    this.processForm = this.formOf(`process ${topic}`, SpanKind.CONSUMER, this.processLabels, VALUE.process);
    const ackLabels = this.labelsOf('ack');
    const ackForm = this.formOf(`ack ${topic}`, SpanKind.CLIENT, ackLabels, VALUE.settle);
    this.acknowledging = new ClientOperation(spans, instruments, ackForm, ackLabels);
  }

  /**
   * A long poll. One that brings nothing makes no span, since there would be one every few seconds without end; the others
   * are linked with the messages that they brought.
   */
  async receive<Delivery extends TracedDelivery>(call: () => Promise<Delivery[]>): Promise<Delivery[]> {
    const startMs = performance.now();
    const startTime = Date.now();
    try {
      const deliveries = await call();
      this.received(deliveries, startMs, startTime);
      return deliveries;
    } catch (error) {
      if (this.instruments.areOn) {
        this.instruments.operationDuration(secondsSince(startMs), this.receiveLabels.of(error));
      }
      this.spans.start(this.receiveForm, ROOT_CONTEXT, { startTime }).end(error);
      throw error;
    }
  }

  acknowledge(message: TracedMessage, call: () => Promise<void>): Promise<void> {
    return this.acknowledging.run((work) => {
      work.set(() => messageAttributes(message));
      return call();
    });
  }

  /** Processing of one delivery, below the message that was sent. */
  process(message: ProcessedMessage, deliveryAttempt: number): MessageProcessing {
    const processing = this.startProcessing(message, (result) => {
      if (result === 'DONE' && message.bornAtMs !== undefined) {
        const seconds = Math.max(0, Date.now() - message.bornAtMs) / 1000;
        this.instruments.endToEndDuration(seconds, this.groupLabels);
      }
    });
    processing.work.set(() => ({ [OWN_ATTRIBUTE.deliveryAttempt]: deliveryAttempt }));
    return processing;
  }

  /** A dead letter is handled again: below the message as well, and linked with the request of the operator. */
  processAgain(message: ProcessedMessage): MessageProcessing {
    const processing = this.startProcessing(message);
    processing.work.linkTo(activeContext());
    return processing;
  }

  /** Several messages in one database transaction. */
  batch(processing: readonly MessageProcessing[]): TracedWork {
    return this.spans.startBatch(
      this.processForm,
      processing.map(({ work }) => work),
    );
  }

  /** A database transaction was committed or rolled back. @param size - how many messages shared it */
  transaction(size: number): void {
    this.instruments.batchSize(size, this.roleLabels);
  }

  commitUnknown(): void {
    this.instruments.unknownCommits(1, this.roleLabels);
  }

  deadLetterStored(reason: string): void {
    if (!this.instruments.areOn) return;
    this.instruments.deadLettersStored(1, {
      [ATTRIBUTE.consumerGroup]: this.consumerGroup,
      [OWN_ATTRIBUTE.reason]: reason,
    });
  }

  private startProcessing(
    message: ProcessedMessage,
    onEnd?: (result: ProcessingResult) => void,
  ): MessageProcessing {
    const work = this.spans.start(this.processForm, contextOf(message.properties));
    work.set(() => messageAttributes(message));
    const startMs = performance.now();
    return {
      work,
      end: (result) => {
        const error = result instanceof Error ? result : undefined;
        if (this.instruments.areOn) {
          this.instruments.processDuration(secondsSince(startMs), this.processLabels.of(error));
          if (result === 'DUPLICATE') this.instruments.duplicates(1, this.roleLabels);
          onEnd?.(result);
        }
        if (error === undefined) work.set(() => ({ [OWN_ATTRIBUTE.outcome]: result as string }));
        work.end(error);
      },
    };
  }

  private received(deliveries: readonly TracedDelivery[], startMs: number, startTime: number): void {
    const { areOn, consumedMessages, redeliveries, operationDuration } = this.instruments;
    if (areOn) {
      operationDuration(secondsSince(startMs), this.receiveLabels.base);
      if (deliveries.length > 0) consumedMessages(deliveries.length, this.receiveLabels.base);
      const again = deliveries.filter(({ deliveryAttempt }) => deliveryAttempt > 1).length;
      if (again > 0) redeliveries(again, this.groupLabels);
    }
    if (deliveries.length === 0) return;
    const work = this.spans.start(this.receiveForm, ROOT_CONTEXT, { startTime });
    work.set(() => ({ [ATTRIBUTE.batchMessageCount]: deliveries.length }));
    if (work.isRecorded) {
      for (const { message } of deliveries) work.linkTo(contextOf(message.properties));
    }
    work.end();
  }

  private labelsOf(operation: string): Labels {
    return new Labels({ ...this.base, [ATTRIBUTE.operationName]: operation });
  }

  private formOf(name: string, kind: SpanKind, labels: Labels, operationType: string): SpanForm {
    return { name, kind, attributes: { ...labels.base, [ATTRIBUTE.operationType]: operationType } };
  }
}
