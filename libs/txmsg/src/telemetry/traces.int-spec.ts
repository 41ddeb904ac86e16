import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { LOCK, whileLocked } from '../../test/idle-session.js';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { TelemetrySdk } from '../../test/telemetry-sdk.js';
import {
  commit,
  DatabaseTransactions,
  DeadLetters,
  Deadline,
  LocalMessageOutbox,
  MessageListener,
  TransactionListener,
  TransactionTemplate,
  type BatchMessageHandler,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type MessageItem,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';

const tracer = trace.getTracer('service');

class Note {
  @IsString()
  readonly txNo!: string;
}

/** What handlers are to do next, by txNo. */
const failures = new Map<string, number>();
/** The txNos whose handler was called. */
const called = new Set<string>();
const gate = { opened: Promise.resolve(), open: (): void => undefined };

function shut(): void {
  gate.opened = new Promise((resolve) => (gate.open = resolve));
}

/** A span of the service itself. */
async function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

@TransactionListener({ topic: 't_note', producerGroup: 'p_note' })
class NoteSender implements LocalTransactionListener<Note> {
  executeLocalTransaction(): Promise<LocalTransactionOutcome> {
    return inSpan('debit', () => Promise.resolve(commit(undefined)));
  }
}

@MessageListener({
  topic: 't_note',
  consumerGroup: 'c_note',
  payload: Note,
  attemptsMax: 2,
  concurrency: 2,
})
class NoteReceiver implements MessageHandler<Note> {
  constructor(private readonly outbox: LocalMessageOutbox) {}

  async onMessage({ txNo }: Note, entityManager: EntityManager): Promise<void> {
    called.add(txNo);
    // A test that holds the lock keeps it waiting for the database, which slows no batch down.
    await entityManager.query(`DO GET_LOCK(${LOCK}, 9), RELEASE_LOCK(${LOCK})`);
    const left = failures.get(txNo) ?? 0;
    failures.set(txNo, left - 1);
    if (left > 0) throw new RangeError('the handler failed');
    await inSpan(`credit ${txNo}`, () => Promise.resolve());
    await this.outbox.publish(entityManager, 't_result', { txNo }, { txNo });
  }
}

@MessageListener({ topic: 't_result', consumerGroup: 'c_result', payload: Note, concurrency: 1 })
class ResultReceiver implements BatchMessageHandler<Note> {
  async onMessages(items: readonly MessageItem<Note>[]): Promise<void> {
    if (items.length === 1) await gate.opened;
    await inSpan(`results of ${items.length}`, () => Promise.resolve());
  }
}

describe('the trace of a message', () => {
  let sdk: TelemetrySdk;
  let application: INestApplicationContext;
  let direct: DataSource;
  const broker = new InMemoryBroker();

  const named = (name: string): ReadableSpan[] => sdk.spans.filter((span) => span.name === name);
  const ofTrace = (traceId: string): ReadableSpan[] =>
    sdk.spans.filter((span) => span.spanContext().traceId === traceId);
  const nameOf = (spanId: string | undefined): string =>
    sdk.spans.find((span) => span.spanContext().spanId === spanId)?.name ?? '-';
  /** Each span as `name < parent`. */
  const tree = (traceId: string): string[] =>
    ofTrace(traceId)
      .map(({ name, parentSpanContext }) => `${name} < ${nameOf(parentSpanContext?.spanId)}`)
      .sort();
  /** Sends in a trace of the caller's own, whose id it answers. */
  const send = async (txNo: string): Promise<string> => {
    const caller = tracer.startSpan('caller', {}, ROOT_CONTEXT);
    const template = application.get(TransactionTemplate);
    await context.with(trace.setSpan(ROOT_CONTEXT, caller), () =>
      template.sendMessageInTransaction('t_note', { txNo }, { txNo }).finally(() => {
        caller.end();
      }),
    );
    return caller.spanContext().traceId;
  };
  const untilDone = (traceId: string): Promise<unknown> =>
    eventually(() => ofTrace(traceId).filter(({ name }) => name.startsWith('ack ')).length === 2);
  const DELIVERED = [
    'COMMIT < send t_note',
    'ack t_note < process t_note',
    'ack t_result < process t_result',
    'caller < -',
    'debit < local transaction',
    'local transaction < send t_note',
    'process t_note < send t_note',
    'process t_result < send t_result',
    'send t_note < caller',
    'send t_result < process t_note',
  ];

  beforeAll(async () => {
    sdk = new TelemetrySdk();
    const url = await createLibraryDatabase('traces');
    direct = await openDataSource(url);
    application = await startLibraryApplication({
      databaseUrl: url,
      listeners: [NoteSender, NoteReceiver, ResultReceiver],
      // A test keeps a handler waiting for several messages.
      options: { outbox: { topics: ['t_result'] }, handlerTimeoutMs: 14_000 },
      transport: broker,
    });
  });
  afterAll(async () => {
    gate.open();
    await application.close();
    await direct.destroy();
    broker.close();
    sdk.end();
  });
  beforeEach(() => {
    sdk.forgetSpans();
  });
  afterEach(() => {
    gate.open();
  });

  it('goes on from the caller to the last consumer, through the outbox', async () => {
    const txNo = randomUUID();
    const traceId = await send(txNo);
    await untilDone(traceId);
    expect(tree(traceId)).toEqual(
      [...DELIVERED, `credit ${txNo} < process t_note`, 'results of 1 < process t_result'].sort(),
    );
    const [sent] = named('send t_note');
    expect(sent).toMatchObject({
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'rocketmq',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 't_note',
        'messaging.rocketmq.message.type': 'transaction',
        'messaging.rocketmq.message.keys': [txNo],
        'messaging.message.id': expect.any(String) as unknown,
      },
    });
    expect(named('process t_note')[0]).toMatchObject({
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': 'c_note',
        'messaging.message.id': sent?.attributes['messaging.message.id'],
        'txmsg.outcome': 'DONE',
        'txmsg.delivery_attempt': 1,
      },
    });
    const received = named('receive t_note').find(({ links }) =>
      links.some((link) => link.context.spanId === sent?.spanContext().spanId),
    );
    expect(received).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { 'messaging.batch.message_count': 1 },
    });
    expect(received?.parentSpanContext).toBeUndefined();
    const rows = await direct.query<object[]>('SELECT properties FROM local_message WHERE tx_no = ?', [txNo]);
    expect(JSON.stringify(rows)).toContain(traceId);
  });

  it('goes on when the COMMIT is lost and the broker checks back', async () => {
    broker.faults.loseNext('END');
    const txNo = randomUUID();
    const traceId = await send(txNo);
    await eventually(() => named('COMMIT').length === 1);
    // One that could not read the barrier in time is answered UNKNOWN, and the broker asks again.
    await eventually(async () => (await broker.runCheckBacks()).includes('COMMIT'));
    await untilDone(traceId);
    expect(tree(traceId)).toContain('check-back < send t_note');
    expect(tree(traceId)).toContain(`credit ${txNo} < process t_note`);
    expect(named('check-back').at(-1)?.attributes['txmsg.answer']).toBe('COMMIT');
  });

  it('has one more span for each delivery when the handler fails, and when its dead letter is re-driven', async () => {
    const txNo = randomUUID();
    failures.set(txNo, 2);
    const traceId = await send(txNo);
    const letters = application.get(DeadLetters);
    const letter = await eventually(async () => (await letters.list()).deadLetters[0] ?? false);
    const operator = tracer.startSpan('operator', {}, ROOT_CONTEXT);
    const redriven = await context.with(trace.setSpan(ROOT_CONTEXT, operator), () =>
      letters.redrive(letter.id, { by: 'test' }),
    );
    operator.end();
    expect(redriven).toEqual({ outcome: 'DONE' });
    await untilDone(traceId);
    const processed = ofTrace(traceId).filter(({ name }) => name === 'process t_note');
    expect(
      processed.map(({ attributes }) => attributes['error.type'] ?? attributes['txmsg.outcome']),
    ).toEqual(['RangeError', 'RangeError', 'DONE']);
    expect(processed.map(({ attributes }) => attributes['txmsg.delivery_attempt'])).toEqual([
      1,
      2,
      undefined,
    ]);
    const linked = processed[2]?.links.map((link) => link.context.traceId);
    expect(linked).toEqual([operator.spanContext().traceId]);
    expect(tree(traceId)).toContain('process t_result < send t_result');
  });

  it("is each message's own in a batch of the batch form, whose span is linked with all of them", async () => {
    shut();
    const publish = async (txNo: string): Promise<string> => {
      const caller = tracer.startSpan('caller', {}, ROOT_CONTEXT);
      const outbox = application.get(LocalMessageOutbox);
      await context.with(trace.setSpan(ROOT_CONTEXT, caller), () =>
        application.get(DatabaseTransactions).run(
          async ({ entityManager }) => {
            await outbox.publish(entityManager, 't_result', { txNo }, { txNo });
            return { decision: 'COMMIT', value: undefined };
          },
          { deadline: Deadline.in(10_000) },
        ),
      );
      caller.end();
      await eventually(() =>
        ofTrace(caller.spanContext().traceId).some(({ name }) => name === 'send t_result'),
      );
      return caller.spanContext().traceId;
    };
    // The first one is handled alone and waits, so that the others come together.
    await publish(randomUUID());
    const traces = [await publish(randomUUID()), await publish(randomUUID())];
    await eventually(
      () =>
        sdk.spans.filter(({ name }) => name === 'receive t_result').flatMap(({ links }) => links).length ===
        3,
    );
    gate.open();
    const batch = await eventually(
      () =>
        named('process t_result').find(
          ({ attributes }) => attributes['messaging.batch.message_count'] === 2,
        ) ?? false,
    );
    expect(nameOf(named('results of 2')[0]?.parentSpanContext?.spanId)).toBe('process t_result');
    expect(named('results of 2')[0]?.parentSpanContext?.spanId).toBe(batch.spanContext().spanId);
    expect(batch.parentSpanContext).toBeUndefined();
    expect(batch.links.map((link) => link.context.traceId).sort()).toEqual([...traces].sort());
    for (const traceId of traces) {
      const processed = ofTrace(traceId).find(({ name }) => name === 'process t_result');
      expect(nameOf(processed?.parentSpanContext?.spanId)).toBe('send t_result');
      expect(processed?.links.map((link) => link.context.spanId)).toEqual([batch.spanContext().spanId]);
    }
  });

  it('is active in each handler of the single form, though they share a transaction', async () => {
    const txNos = Array.from({ length: 5 }, () => randomUUID());
    const traces = new Map<string, string>();
    await whileLocked(direct, async () => {
      // As many handlers as run at once, each of them alone; the other messages wait for them.
      for (const txNo of txNos.slice(0, 2)) {
        traces.set(txNo, await send(txNo));
        await eventually(() => called.has(txNo));
      }
      await Promise.all(txNos.slice(2).map(async (txNo) => traces.set(txNo, await send(txNo))));
    });
    for (const traceId of traces.values()) await untilDone(traceId);
    const batches = named('process t_note').map(
      ({ attributes }) => attributes['messaging.batch.message_count'],
    );
    expect(batches).toContain(2);
    for (const [txNo, traceId] of traces) {
      expect(tree(traceId)).toContain(`credit ${txNo} < process t_note`);
    }
  });

  it('begins anew with a message whose traceparent is junk, and such a row of the outbox is published', async () => {
    await direct.query(
      `INSERT INTO local_message (topic, tx_no, body, properties) VALUES ('t_result', 'junk', '{"txNo":"junk"}', ?)`,
      [JSON.stringify({ traceparent: 'junk', tracestate: 7, other: { a: 1 } })],
    );
    const sent = await eventually(() => named('send t_result')[0] ?? false);
    expect(sent.parentSpanContext).toBeUndefined();
    await untilProcessed(sent.spanContext().traceId);
  });

  const untilProcessed = (traceId: string): Promise<unknown> =>
    eventually(() => ofTrace(traceId).some(({ name }) => name === 'process t_result'));
});
