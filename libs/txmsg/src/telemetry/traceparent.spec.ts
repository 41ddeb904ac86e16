import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { context, ROOT_CONTEXT, trace, TraceFlags, type SpanContext } from '@opentelemetry/api';
import { TelemetrySdk } from '../../test/telemetry-sdk.js';
import { activeTraceparent, withinTraceparent } from './traceparent.js';

const SPAN: SpanContext = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: TraceFlags.SAMPLED,
};
const WRITTEN = `00-${SPAN.traceId}-${SPAN.spanId}-01`;

/** What is told while this span is active. */
function toldIn(span: SpanContext): string | undefined {
  return context.with(trace.setSpanContext(ROOT_CONTEXT, span), activeTraceparent);
}

const activeSpan = (): Promise<SpanContext | undefined> =>
  Promise.resolve(trace.getSpanContext(context.active()));

describe('a traceparent that a service keeps', () => {
  it('is none without an SDK', () => {
    expect(toldIn(SPAN)).toBeUndefined();
  });

  describe('with an SDK', () => {
    let sdk: TelemetrySdk;

    beforeAll(() => {
      sdk = new TelemetrySdk();
    });
    afterAll(() => {
      sdk.end();
    });

    it('is the active span, when that is sampled', () => {
      expect(toldIn(SPAN)).toBe(WRITTEN);
      expect(WRITTEN).toHaveLength(55);
      expect(toldIn({ ...SPAN, traceFlags: TraceFlags.NONE })).toBeUndefined();
      expect(toldIn({ ...SPAN, traceId: '0'.repeat(32) })).toBeUndefined();
      expect(activeTraceparent()).toBeUndefined();
    });

    it('is what later work goes on below', async () => {
      await expect(withinTraceparent(WRITTEN, activeSpan)).resolves.toEqual({ ...SPAN, isRemote: true });
    });

    it.each([
      null,
      undefined,
      7,
      {},
      '',
      'junk',
      `${WRITTEN} `,
      `${WRITTEN}\n`,
      WRITTEN.toUpperCase(),
      WRITTEN.replace('00-', '01-'),
      WRITTEN.replace(SPAN.traceId, '0'.repeat(32)),
      WRITTEN.replace(SPAN.spanId, '0'.repeat(16)),
    ])('leaves the caller in its own context when it is %j', async (value) => {
      const own = { ...SPAN, spanId: 'c'.repeat(16) };
      const active = trace.setSpanContext(ROOT_CONTEXT, own);
      await expect(context.with(active, () => withinTraceparent(value, activeSpan))).resolves.toEqual(own);
    });

    it('rejects with what the work rejects with', async () => {
      const failing = withinTraceparent(WRITTEN, () => Promise.reject(new Error('the work failed')));
      await expect(failing).rejects.toThrow('the work failed');
    });
  });
});
