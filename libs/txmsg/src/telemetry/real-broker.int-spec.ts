import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { IsString } from 'class-validator';
import { createTopic, realBroker, startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase } from '../../test/library-database.js';
import { TelemetrySdk } from '../../test/telemetry-sdk.js';
import { FaultInjector, type FaultPoint } from '../faults/index.js';
import {
  commit,
  MessageListener,
  TransactionListener,
  TransactionTemplate,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type RocketmqOptions,
} from '../index.js';
import { eventually } from '../testing/index.js';

const names = await createTopic('traced', 'TRANSACTION');

class Note {
  @IsString()
  readonly txNo!: string;
}

@TransactionListener({ topic: names.topic, producerGroup: names.producerGroup })
class Sender implements LocalTransactionListener<Note> {
  executeLocalTransaction(): Promise<LocalTransactionOutcome> {
    return Promise.resolve(commit(undefined));
  }
}

@MessageListener({ topic: names.topic, consumerGroup: names.consumerGroup, payload: Note })
class Receiver implements MessageHandler<Note> {
  onMessage(): Promise<void> {
    return Promise.resolve();
  }
}

/** The COMMIT never leaves the process, so that the broker checks back. */
class LostCommit extends FaultInjector {
  at(point: FaultPoint): Promise<void> {
    return point === 'resolution.before-send' ? Promise.reject(new Error('lost')) : Promise.resolve();
  }
}

const TRANSPORTS: readonly [string, RocketmqOptions][] = [
  ['gRPC', realBroker('grpc')],
  ['remoting', realBroker('remoting')],
];

describe.each(TRANSPORTS)('on a real broker over %s', (_, rocketmq) => {
  let sdk: TelemetrySdk;
  let application: INestApplicationContext;

  beforeAll(async () => {
    sdk = new TelemetrySdk();
    application = await startLibraryApplication({
      databaseUrl: await createLibraryDatabase('traced'),
      listeners: [Sender, Receiver],
      options: { rocketmq, sendTimeoutMs: 14_000 },
      faults: new LostCommit(),
    });
  });
  afterEach(() => application.close());
  afterAll(() => {
    sdk.end();
  });

  it('the trace goes on with a message that only the check-back commits', async () => {
    const caller = trace.getTracer('service').startSpan('caller');
    const { traceId } = caller.spanContext();
    const txNo = randomUUID();
    const template = application.get(TransactionTemplate);
    await eventually(() =>
      context.with(trace.setSpan(ROOT_CONTEXT, caller), () =>
        template.sendMessageInTransaction(names.topic, { txNo }, { txNo }),
      ),
    );
    await eventually(() =>
      sdk.spans.some((span) => span.name.startsWith('ack ') && span.spanContext().traceId === traceId),
    );
    const spans = sdk.spans.filter((span) => span.spanContext().traceId === traceId);
    const sent = spans
      .filter(({ name }) => name === `send ${names.topic}`)
      .map((span) => span.spanContext().spanId);
    for (const name of ['check-back', 'local transaction', `process ${names.topic}`]) {
      const span = spans.find((one) => one.name === name);
      expect(sent).toContain(span?.parentSpanContext?.spanId);
    }
    expect(await sdk.points('txmsg.check_backs')).toContainEqual(
      expect.objectContaining({
        labels: { 'messaging.destination.name': names.topic, 'txmsg.answer': 'COMMIT' },
      }),
    );
  });
});
