import { afterEach, describe, expect, it } from '@jest/globals';
import { context, ROOT_CONTEXT, trace, type Context, type TextMapPropagator } from '@opentelemetry/api';
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base';
import { TelemetrySdk, type TelemetrySdkOptions } from '../../test/telemetry-sdk.js';
import { carrierOf, contextOf } from './trace-carrier.js';
import { Telemetry } from './telemetry.js';
import { within } from './within.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const VALID = `00-${TRACE_ID}-b7ad6b7169203331-01`;
const broken = (): never => {
  throw new Error('telemetry is broken');
};

let sdk: TelemetrySdk | undefined;
const start = (options?: TelemetrySdkOptions): TelemetrySdk => (sdk = new TelemetrySdk(options));
afterEach(() => {
  sdk?.end();
  sdk = undefined;
});

/** Everything that is called on the way of one message; answers what was sent. */
async function oneMessage(properties: Record<string, string> = {}): Promise<object | undefined> {
  const telemetry = new Telemetry();
  const producer = telemetry.producer('t');
  const consumer = telemetry.consumer('t', 'c');
  let sent: object | undefined;
  let sentContext: Context = ROOT_CONTEXT;
  await producer.sendHalfMessage('n-1', (work) => {
    sentContext = work.context;
    sent = carrierOf(work.context);
    return Promise.resolve({ messageId: 'm-1' });
  });
  const local = producer.localTransaction(sentContext, { messageId: 'm-1', keys: ['n-1'] });
  const batch = producer.batch([local.work, local.work]);
  batch.end();
  local.end('COMMIT');
  await producer.resolve(sentContext, 'm-1', 'COMMIT', () => Promise.resolve());
  const message = { messageId: 'm-1', keys: ['n-1'], properties, bornAtMs: Date.now() };
  await producer.checkBack(message, () => Promise.resolve('COMMIT'));
  await consumer.receive(() => Promise.resolve([{ message, deliveryAttempt: 1 }]));
  const processing = consumer.process(message, 1);
  const value = await processing.work.within(() => Promise.resolve('handled'));
  expect(value).toBe('handled');
  processing.end('DONE');
  await consumer.acknowledge(message, () => Promise.resolve());
  return sent;
}

describe('what a message carries', () => {
  it.each([
    ['nothing', {}],
    ['junk', { traceparent: 'junk' }],
    ['an id of zeros', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['capitals', { traceparent: VALID.toUpperCase() }],
    ['more than version 00 has', { traceparent: `${VALID}-more` }],
    ['the version that is forbidden', { traceparent: `ff${VALID.slice(2)}` }],
    ['a megabyte', { traceparent: `cc${VALID.slice(2)}-${'x'.repeat(1_000_000)}` }],
    ['control characters', { traceparent: `${VALID}\n` }],
    ['a number', { traceparent: 7 as unknown as string }],
  ])('begins a new trace when that is %s', async (_, properties) => {
    const { spans } = start();
    expect(spans).toEqual([]);
    expect(trace.getSpanContext(contextOf(properties))).toBeUndefined();
    await oneMessage(properties);
    const process = sdk?.spans.find(({ name }) => name === 'process t');
    expect(process?.parentSpanContext).toBeUndefined();
  });

  it('is read in a version that is yet to come', () => {
    start();
    const carried = contextOf({ traceparent: `cc${VALID.slice(2)}-more` });
    expect(trace.getSpanContext(carried)?.traceId).toBe(TRACE_ID);
  });

  it('is read without a tracestate that is too long, and with what is sound of one that is not', () => {
    start();
    const read = (tracestate: string): string | undefined =>
      trace.getSpanContext(contextOf({ traceparent: VALID, tracestate }))?.traceState?.serialize();
    expect(read('a=1')).toBe('a=1');
    expect(read(`a=${'1'.repeat(600)}`)).toBeUndefined();
    expect(read('a=1,=,;;,B=\u0007')).toBeUndefined();
    expect(read('a=1,=,;;')).toBe('a=1');
  });

  it('is written as RocketMQ takes it, whatever a propagator adds', async () => {
    const propagator: TextMapPropagator = {
      inject: (_context, carrier, setter) => {
        setter.set(carrier, 'traceparent', VALID);
        setter.set(carrier, 'KEYS', 'a name of RocketMQ');
        setter.set(carrier, 'with blank', '1');
        setter.set(carrier, 'control', 'a\u0001b');
        setter.set(carrier, 'long', 'x'.repeat(513));
        for (let n = 0; n < 20; n += 1) setter.set(carrier, `baggage-${n}`, 'x'.repeat(200));
      },
      extract: (from) => from,
      fields: () => [],
    };
    start({ propagator });
    const sent = await oneMessage();
    expect(Object.keys(sent ?? {})).toEqual([
      'traceparent',
      'baggage-0',
      'baggage-1',
      'baggage-2',
      'baggage-3',
    ]);
  });

  it('is nothing without an SDK', async () => {
    await expect(oneMessage({ traceparent: VALID })).resolves.toBeUndefined();
  });

  it('says that a trace which is not sampled is not', async () => {
    start({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) });
    await expect(oneMessage()).resolves.toMatchObject({
      traceparent: expect.stringMatching(/-00$/) as unknown,
    });
    expect(sdk?.spans).toEqual([]);
  });
});

describe('telemetry that throws', () => {
  it.each<[string, TelemetrySdkOptions]>([
    [
      'at the start of a span',
      { processors: [{ onStart: broken, onEnd: broken, forceFlush: broken, shutdown: broken }] },
    ],
    [
      'at the end of a span',
      { processors: [{ onStart: () => undefined, onEnd: broken, forceFlush: broken, shutdown: broken }] },
    ],
    ['in the propagator', { propagator: { inject: broken, extract: broken, fields: broken } }],
    ['in the sampler', { sampler: { shouldSample: broken, toString: () => 'broken' } }],
  ])('fails no message (%s)', async (_, options) => {
    start(options);
    await oneMessage();
  });

  it('runs the work once when the context manager throws before or after it', async () => {
    for (const callsBefore of [true, false]) {
      start({
        contextManager: {
          active: () => ROOT_CONTEXT,
          with: (_context, work, self, ...parameters) => {
            if (callsBefore) work.call(self as never, ...parameters);
            return broken();
          },
          bind: (_context, target) => target,
          enable() {
            return this;
          },
          disable() {
            return this;
          },
        },
      });
      let calls = 0;
      const { work } = new Telemetry()
        .consumer('t', 'c')
        .process({ messageId: 'm', keys: [], properties: {}, bornAtMs: undefined }, 1);
      await work.within(() => Promise.resolve((calls += 1)));
      expect(calls).toBe(1);
      sdk?.end();
    }
  });

  it('fails nothing when the context manager cannot say what is active, or runs nothing', async () => {
    start({
      contextManager: {
        active: broken,
        with: () => undefined as never,
        bind: (_context, target) => target,
        enable() {
          return this;
        },
        disable() {
          return this;
        },
      },
    });
    await oneMessage();
    const { work } = new Telemetry()
      .consumer('t', 'c')
      .processAgain({ messageId: 'm', keys: [], properties: {}, bornAtMs: undefined });
    await expect(work.within(() => Promise.resolve('done'))).resolves.toBe('done');
    expect(carrierOf()).toBeUndefined();
  });

  it('takes any error, whatever it has for a class', () => {
    start({});
    const strange = Object.assign(new Error('strange'), JSON.parse('{"constructor":null}') as object);
    const processing = new Telemetry()
      .consumer('t', 'c')
      .process({ messageId: 'm', keys: [], properties: {}, bornAtMs: undefined }, 1);
    expect(() => {
      processing.end(strange);
    }).not.toThrow();
  });

  it('runs work that throws at once no second time', () => {
    let calls = 0;
    const work = (): Promise<never> => {
      calls += 1;
      throw new RangeError('at once');
    };
    expect(() => within(ROOT_CONTEXT, work)).toThrow('at once');
    expect(calls).toBe(1);
  });

  it('hands the error of the work on, as it is', async () => {
    start();
    const error = new RangeError('of the broker, about 4711');
    const producer = new Telemetry().producer('t');
    await expect(producer.sendMessage('n', () => Promise.reject(error))).rejects.toBe(error);
    const [span] = sdk?.spans ?? [];
    expect(span?.attributes['error.type']).toBe('RangeError');
    expect(JSON.stringify([span?.events, span?.status])).not.toContain('4711');
    expect(await sdk?.points('messaging.client.sent.messages')).toEqual([
      { labels: expect.objectContaining({ 'error.type': 'RangeError' }) as unknown, value: 1 },
    ]);
  });
});

describe('labels', () => {
  it('are bounded, whatever classes of errors a program makes', async () => {
    start();
    const consumer = new Telemetry().consumer('t', 'c');
    const message = { messageId: 'm', keys: [], properties: {}, bornAtMs: undefined };
    for (let n = 0; n < 100; n += 1) {
      const made = { [`Made${n}`]: class extends Error {} }[`Made${n}`] ?? Error;
      consumer.process(message, 1).end(new made());
    }
    const types = new Set(
      (await sdk?.points('messaging.process.duration'))?.map(({ labels }) => labels['error.type']),
    );
    expect(types.size).toBe(31);
    expect(types).toContain('_OTHER');
  });

  it('let the handler see its own span, and nothing of the caller that started the library', async () => {
    start();
    const tracer = trace.getTracer('application');
    const outer = tracer.startSpan('start of the application');
    await context.with(trace.setSpan(ROOT_CONTEXT, outer), async () => {
      await oneMessage({ traceparent: VALID });
    });
    const named = (name: string) => sdk?.spans.find((span) => span.name === name);
    expect(named('receive t')?.parentSpanContext).toBeUndefined();
    expect(named('process t')?.parentSpanContext?.traceId).toBe(TRACE_ID);
    expect(named('check-back')?.parentSpanContext?.traceId).toBe(TRACE_ID);
    expect(named('send t')?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
  });
});
