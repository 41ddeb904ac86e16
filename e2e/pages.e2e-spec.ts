import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { call } from './kit/http.js';
import { TestBanks } from './kit/test-banks.js';

describe('what a bank shows to people and monitors', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('pages');
    [bank1, bank2] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
  });
  afterAll(() => banks.close());

  it('serves an OpenAPI page with everything that it loads', async () => {
    for (const { url } of [bank1, bank2]) {
      const page = await call(`${url}/docs`);
      expect(page.headers.get('content-type')).toContain('text/html');
      const parts = [...page.text.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, part]) => part ?? '');
      expect(parts.join()).toContain('swagger-ui-bundle.js');
      for (const part of parts) {
        expect([part, (await call(new URL(part, `${url}/docs`).href)).status]).toEqual([part, 200]);
      }
    }
  });

  it('describes every route in an OpenAPI document without dangling references', async () => {
    const routes: Readonly<Record<string, readonly string[]>> = {
      bank1: [
        '/transfer',
        '/transfers',
        '/transfers/{txNo}',
        '/admin/audit',
        '/admin/reconciliation',
        '/admin/top-ups/reconciliation',
        '/payresult/{txNo}',
        '/topups',
        '/topups/{txNo}',
      ],
      bank2: ['/transfers/{txNo}', '/admin/books'],
    };
    const letters = ['', '/{id}', '/{id}/redrive', '/{id}/dismiss'].map(
      (path) => `/admin/dead-letters${path}`,
    );
    const admin = [...letters, '/admin/faults', '/admin/outbox/republish'];
    for (const [bank, { url }] of Object.entries({ bank1, bank2 })) {
      const { body, text } = await call(`${url}/docs-json`);
      expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\./), info: { title: bank } });
      const paths = Object.keys(body?.paths as object);
      const common = ['/accounts/{no}', '/health/live', '/health/ready', '/metrics', ...admin];
      expect(paths.sort()).toEqual(
        [...(routes[bank] ?? []), ...common].map((path) => `/${bank}${path}`).sort(),
      );
      const { schemas } = body?.components as { schemas: object };
      const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
      expect(references.length).toBeGreaterThan(0);
      for (const name of references) expect(Object.keys(schemas)).toContain(name);
    }
  });

  it('is alive, and ready with MySQL and RocketMQ', async () => {
    for (const { url } of [bank1, bank2]) {
      expect((await call(`${url}/health/live`)).body).toEqual({ status: 'ok' });
      await eventually(async () => {
        const ready = await call(`${url}/health/ready`);
        expect(ready.body).toMatchObject({
          status: 'ok',
          details: { mysql: { status: 'up' }, rocketmq: { status: 'up' } },
        });
      });
    }
  });

  it('logs one JSON object a line, with the txNo on every line about a transfer', async () => {
    await call(`${bank1.url}/transfer?txNo=logged`);
    await eventually(() => bank2.logs().some(({ message }) => message.startsWith('message consumed')));
    const [consumed] = bank2.logs().filter(({ txNo }) => txNo === 'logged');
    expect(consumed).toMatchObject({ level: 'log', message: 'message consumed: DONE' });
    for (const line of `${bank1.output()}${bank2.output()}`.trim().split('\n')) {
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });
});
