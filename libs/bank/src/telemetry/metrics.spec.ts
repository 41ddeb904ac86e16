import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { startBankHttp } from '../http/bank-http.fixture.js';
import { MetricsController } from './metrics.controller.js';
import { startMetrics, type MetricsSource } from './metrics.js';
import { Readings, ReadingsModule } from './readings.js';
import { TelemetryModuleOptions } from './telemetry-module.options.js';

const TOKEN = 'a-token-of-the-tests';
const URL = '/some-bank/metrics';
const authorized = { url: URL, headers: { authorization: `Bearer ${TOKEN}` } };

let source: MetricsSource;

/** A bank's HTTP with this much telemetry; its routes are also served to a listening client. */
function start(
  options: Partial<TelemetryModuleOptions> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<NestFastifyApplication> {
  const complete: TelemetryModuleOptions = {
    serviceName: 'some-bank',
    telemetry: { metrics: source, tracing: undefined },
    metricsToken: TOKEN,
    flushTimeoutMs: 100,
    ...options,
  };
  const providers = [{ provide: TelemetryModuleOptions, useValue: complete }];
  return startBankHttp({ controllers: [MetricsController], providers, environment });
}

beforeAll(async () => {
  source = await startMetrics();
});

describe('GET /metrics', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start({}, { HTTP_RATE_LIMIT_PER_MINUTE: '1', METRICS_ENABLED: 'true' });
  });
  afterAll(() => app.close());

  it('answers in the format of Prometheus, and is not to be kept', async () => {
    const { statusCode, headers } = await app.inject(authorized);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['no token', undefined],
    ['another token', 'Bearer another-token-here'],
    ['another scheme', `Basic ${TOKEN}`],
  ])('refuses %s', async (_what, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const { statusCode, body } = await app.inject({ url: URL, headers });
    expect(statusCode).toBe(401);
    expect(body).not.toContain(TOKEN);
  });

  it('is not limited with the other requests', async () => {
    for (let scrape = 0; scrape < 5; scrape++) expect((await app.inject(authorized)).statusCode).toBe(200);
  });

  it('stands behind the same door as all else', async () => {
    const headers = { ...authorized.headers, host: 'rebound.example' };
    expect((await app.inject({ url: URL, headers })).json()).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
  });

  it('is no route where the metrics are off', async () => {
    const off = await start({ telemetry: { metrics: undefined, tracing: undefined } });
    expect((await off.inject(authorized)).json()).toMatchObject({
      status: 404,
      detail: 'The metrics of some-bank are off: METRICS_ENABLED is not true.',
    });
    await off.close();
  });

  it('needs no token where none is set', async () => {
    const open = await start({ metricsToken: undefined });
    expect((await open.inject(URL)).statusCode).toBe(200);
    await open.close();
  });

  it('is refused cleanly during a shutdown', async () => {
    const ending = await start();
    ending.getHttpAdapter().beforeClose?.();
    expect((await ending.inject(authorized)).json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await ending.close();
  });
});

describe('a reading', () => {
  const lines = async (): Promise<string[]> =>
    (await source.text()).split('\n').filter((line) => /^(bank|some)_/.test(line));

  it('leaves out what was not read, also when it was known before, and counts the failure', async () => {
    const readings = new Readings();
    let value: number | undefined = 7;
    readings.observe({
      name: 'one',
      gauges: { 'some.gauge': { unit: 's' } },
      read: () =>
        value === undefined
          ? Promise.reject(new Error('MySQL is away'))
          : Promise.resolve([{ gauge: 'some.gauge', value, attributes: { 'some.label': 'x' } }]),
    });
    readings.onApplicationBootstrap();
    expect(await lines()).toEqual([
      'bank_readings_failed_total{txmsg_reading="one"} 0',
      'some_gauge{some_label="x"} 7',
    ]);
    value = undefined;
    expect(await lines()).toEqual(['bank_readings_failed_total{txmsg_reading="one"} 1']);
    value = 8;
    expect(await lines()).toContain('some_gauge{some_label="x"} 8');
    readings.onModuleDestroy();
    expect(await lines()).toEqual(['bank_readings_failed_total{txmsg_reading="one"} 1']);
  });

  it.each(['is made', 'begins'] as const)(
    'is left by nothing of an application that fails when it %s',
    async (step) => {
      @Injectable()
      class Gauge {
        constructor(readings: Readings) {
          readings.observe({
            name: 'failing',
            gauges: { 'some.failing.gauge': {} },
            read: () => Promise.resolve([{ gauge: 'some.failing.gauge', value: 1 }]),
          });
        }
      }
      @Injectable()
      class Failing implements OnApplicationBootstrap {
        constructor(readonly after: Gauge) {
          if (step === 'is made') throw new Error('the database went away');
        }

        onApplicationBootstrap(): void {
          throw new Error('the database went away');
        }
      }
      @Module({ imports: [ReadingsModule], providers: [Gauge, Failing] })
      class Application {}

      const options = { logger: false, abortOnError: false } as const;
      const start = async (): Promise<void> => {
        const application = await NestFactory.create(Application, new FastifyAdapter(), options);
        await application.init().catch(async (error: unknown) => {
          await application.close();
          throw error;
        });
      };
      await expect(start()).rejects.toThrow('the database went away');
      expect(await lines()).not.toContain('some_failing_gauge 1');
    },
  );

  it('that hangs keeps no scrape waiting beyond its deadline, and is not begun again meanwhile', async () => {
    const readings = new Readings();
    let begun = 0;
    let end = (): void => undefined;
    readings.observe({
      name: 'hanging',
      gauges: { 'some.hanging.gauge': {} },
      read: () => {
        begun += 1;
        return new Promise<[]>((resolve) => {
          end = () => {
            resolve([]);
          };
        });
      },
    });
    readings.onApplicationBootstrap();
    // Both scrapes come together and share one collection.
    const [first, second] = await Promise.all([source.text(), source.text()]);
    expect(first).toBe(second);
    expect(await lines()).toContain('bank_readings_failed_total{txmsg_reading="hanging"} 2');
    expect(begun).toBe(1);
    end();
    readings.onModuleDestroy();
  });
});
