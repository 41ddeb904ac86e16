import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { eventually } from 'txmsg/testing';
import { startServiceHttp } from '../http/service-http.fixture.js';

const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const activeTraceId = (): string => trace.getActiveSpan()?.spanContext().traceId ?? 'none';

@Controller('things')
class ThingsController {
  @Get(':no')
  read(@Param('no') no: string): { traceId: string } {
    if (no === 'away') throw new Error('a broken handler');
    return { traceId: activeTraceId() };
  }

  @Post()
  async create(@Body() body: { readonly text: string }): Promise<{ traceId: string; length: number }> {
    await Promise.resolve();
    return { traceId: activeTraceId(), length: body.text.length };
  }
}

describe('a request', () => {
  const exporter = new tracing.InMemorySpanExporter();
  const sdk = new NodeSDK({
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
    metricReaders: [],
    logRecordProcessors: [],
  });
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    sdk.start();
    app = await startServiceHttp({ controllers: [ThingsController], providers: [] });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    await sdk.shutdown();
  });
  beforeEach(() => {
    exporter.reset();
  });

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/some-service/${path}`, init);
  /** The response is closed a moment after the caller has it. */
  const spans = (): Promise<readonly tracing.ReadableSpan[]> =>
    eventually(() => exporter.getFinishedSpans().length > 0 && exporter.getFinishedSpans(), {
      timeoutMs: 10_000,
    });

  it('is a span of the caller’s trace, named by its route', async () => {
    const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
    const response = await call('things/7?amount=5', { headers: { traceparent } });
    expect(await response.json()).toEqual({ traceId: CALLER.traceId });
    expect(await spans()).toEqual([
      expect.objectContaining({
        name: 'GET /some-service/things/:no',
        kind: SpanKind.SERVER,
        parentSpanContext: expect.objectContaining(CALLER),
        attributes: expect.objectContaining({
          'http.request.method': 'GET',
          'http.route': '/some-service/things/:no',
          'http.response.status_code': 200,
          'url.path': '/some-service/things/7',
          'url.scheme': 'http',
          'server.address': '127.0.0.1',
        }),
      }),
    ]);
  });

  it('is still known to its handler when a body came with it', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ text: 'x'.repeat(10_000) });
    const { traceId } = (await (await call('things', { method: 'POST', headers, body })).json()) as {
      traceId: string;
    };
    expect((await spans()).map((span) => span.spanContext().traceId)).toEqual([traceId]);
  });

  it('that fails is an error', async () => {
    await call('things/away');
    expect((await spans())[0]?.attributes).toMatchObject({
      'error.type': '500',
      'http.response.status_code': 500,
    });
  });

  it('that finds no route is named by its method alone', async () => {
    await call('nothing/like/it');
    expect((await spans()).map(({ name }) => name)).toEqual(['GET']);
  });

  it.each([
    ['junk', 'junk'],
    ['another version and length', `ff-${'a'.repeat(5000)}`],
    ['two at once', `00-${CALLER.traceId}-${CALLER.spanId}-01, 00-${CALLER.traceId}-${CALLER.spanId}-01`],
    ['zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
  ])('with a traceparent of %s begins a trace of its own', async (_what, traceparent) => {
    const response = await call('things/7', { headers: { traceparent, tracestate: '=,'.repeat(2000) } });
    const { traceId } = (await response.json()) as { traceId: string };
    expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(traceId).not.toBe(CALLER.traceId);
    expect((await spans()).map((span) => span.spanContext().traceId)).toEqual([traceId]);
  });

  it('for health is no span', async () => {
    await call('health/live');
    await call('things/7');
    expect((await spans()).map(({ name }) => name)).toEqual(['GET /some-service/things/:no']);
  });
});
