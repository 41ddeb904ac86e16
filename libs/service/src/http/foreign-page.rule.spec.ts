import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminController } from '../admin/admin-controller.decorator.js';
import { startServiceHttp } from './service-http.fixture.js';
import { answerOf, listenOnLoopback, openRaw } from './raw-http.fixture.js';

@Controller()
class MoneyController {
  @Post('move')
  move(): object {
    return { moved: true };
  }

  @Get('balance')
  balance(): object {
    return { balance: '1.00' };
  }

  @Get('health/live')
  live(): object {
    return { status: 'ok' };
  }
}

@AdminController('things')
class SomeAdminController {
  @Post()
  change(): object {
    return { changed: true };
  }
}

const ALLOWED = { HTTP_ALLOWED_HOSTS: 'shop.example, [2001:db8::1]', ADMIN_TOKEN: 'token' };
const REFUSED = { status: 403, code: 'HOST_NOT_ALLOWED' };
const FOREIGN = { status: 403, code: 'REQUEST_REFUSED' };

describe('the door for browsers', () => {
  let app: NestFastifyApplication;
  let port: number;

  beforeAll(async () => {
    app = await startServiceHttp({
      controllers: [MoneyController, SomeAdminController],
      providers: [],
      environment: ALLOWED,
    });
    port = await listenOnLoopback(app);
  });
  afterAll(() => app.close());

  const call = (method: 'GET' | 'POST' | 'HEAD', path: string, headers: Record<string, string>) =>
    app.inject({ method, url: `/some-service/${path}`, headers });

  it.each([
    'localhost',
    'localhost:56081',
    'LocalHost:80',
    'localhost.',
    'localhost.:56081',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.8.9.10:56081',
    '[::1]',
    '[::1]:56081',
    '[0:0:0:0:0:0:0:1]:56081',
    'shop.example',
    'SHOP.example.:443',
    '[2001:DB8:0::1]:8080',
  ])('is open for the host %s', async (host) => {
    expect((await call('POST', 'move', { host })).statusCode).toBe(201);
    expect((await call('GET', 'balance', { host })).statusCode).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:56081',
    'localhost.evil.example',
    'evil.localhost',
    'xlocalhost',
    'localhost..',
    'localhost:',
    'localhost:http',
    'localhost@evil.example',
    'evil.example@localhost',
    'localhost, evil.example',
    'localhost/',
    '127.0.0.1.evil.example',
    '0.0.0.0:56081',
    '127.1',
    '2130706433',
    '[::]',
    '[::1',
    '::1',
    '[::1%25lo]',
    'sub.shop.example',
    '192.0.2.1:56081',
  ])('is closed for the host "%s", whatever the route and whatever the browser says of it', async (host) => {
    const browser = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect((await call('POST', 'move', browser)).json()).toMatchObject(REFUSED);
    expect((await call('GET', 'balance', browser)).json()).toMatchObject(REFUSED);
    expect((await call('HEAD', 'balance', browser)).statusCode).toBe(403);
    expect((await call('GET', 'nothing-here', browser)).json()).toMatchObject(REFUSED);
    expect((await call('GET', 'docs', browser)).json()).toMatchObject(REFUSED);
    const admin = { ...browser, authorization: 'Bearer token' };
    expect((await call('POST', 'admin/things', admin)).json()).toMatchObject(REFUSED);
  });

  it('believes no proxy that names another host', async () => {
    const forwarded = {
      'x-forwarded-host': 'localhost',
      'x-forwarded-for': '127.0.0.1',
      forwarded: 'host=localhost',
    };
    expect((await call('POST', 'move', { host: 'evil.example', ...forwarded })).json()).toMatchObject(
      REFUSED,
    );
    const reversed = { 'x-forwarded-host': 'evil.example' };
    expect((await call('POST', 'move', { host: 'localhost', ...reversed })).statusCode).toBe(201);
  });

  it('says which host it was, and how it is allowed', async () => {
    const response = await call('GET', 'balance', { host: 'evil.example:1' });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({
      detail: expect.stringMatching(/"evil\.example:1".*HTTP_ALLOWED_HOSTS/),
    });
  });

  it('answers health to everybody: probes name hosts as they like, or none', async () => {
    expect((await call('GET', 'health/live', { host: '10.1.2.3:56081' })).statusCode).toBe(200);
    const probe = await openRaw(port, 'GET /some-service/health/live HTTP/1.0\r\n\r\n');
    expect((await answerOf(probe)).status).toBe(200);
  });

  describe('as raw requests', () => {
    const ask = async (lines: string): Promise<{ status: number; code: unknown }> => {
      const { status, body } = await answerOf(await openRaw(port, `${lines}connection: close\r\n\r\n`));
      return { status, code: body.code };
    };

    it.each(['localhost', '127.0.0.1'])('is open for the absolute form with host %s', async (host) => {
      const target = `http://${host}:${port}/some-service/balance`;
      expect(await ask(`GET ${target} HTTP/1.1\r\nhost: ${host}:${port}\r\n`)).toMatchObject({ status: 200 });
    });

    it.each([
      ['in the target', 'http://evil.example/some-service/balance', 'localhost'],
      ['in the header', 'http://localhost/some-service/balance', 'evil.example'],
      ['in the target before another one', 'http://evil.example@localhost/some-service/balance', 'localhost'],
      ['in the target, for health too', 'http://evil.example/some-service/health/live', 'localhost'],
    ])('is closed for the absolute form with another host %s', async (_where, target, host) => {
      expect(await ask(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\n`)).toEqual(REFUSED);
    });

    it.each([
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
      ['localhost', 'localhost'],
    ])('is closed for two Host headers, %s and %s', async (first, second) => {
      expect(
        await ask(`GET /some-service/balance HTTP/1.1\r\nhost: ${first}\r\nHost: ${second}\r\n`),
      ).toEqual({
        status: 400,
        code: 'MALFORMED_REQUEST',
      });
    });

    it.each(['GET /some-service/balance HTTP/1.0\r\n', 'GET /some-service/balance HTTP/1.1\r\nhost:\r\n'])(
      'is closed for a request that names no host: %j',
      async (lines) => {
        expect(await ask(lines)).toEqual(REFUSED);
      },
    );
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin, cross-site' },
    { 'sec-fetch-site': '' },
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://localhost' },
    { origin: 'http://127.0.0.1:56081' },
    { origin: 'null' },
    { origin: '' },
    { referer: 'http://evil.example/localhost:56081' },
    { referer: 'about:blank' },
    { referer: 'http://localhost:3000/' },
    { origin: 'http://localhost:56081', referer: 'http://evil.example/' },
    { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-purpose': 'prefetch' },
    { purpose: 'prefetch' },
  ])('is closed for a POST with %j', async (headers) => {
    const response = await call('POST', 'move', { host: 'localhost:56081', ...headers });
    expect(response.json()).toMatchObject(FOREIGN);
    const admin = { host: 'localhost:56081', authorization: 'Bearer token', ...headers };
    expect((await call('POST', 'admin/things', admin)).json()).toMatchObject(FOREIGN);
  });

  it.each([
    [{}, 'localhost:56081'],
    [{ 'sec-fetch-site': 'same-origin' }, 'localhost:56081'],
    [{ 'sec-fetch-site': 'none' }, 'localhost:56081'],
    [
      { origin: 'http://localhost:56081', referer: 'http://localhost:56081/some-service/docs' },
      'LOCALHOST:56081',
    ],
    [{ origin: 'http://localhost' }, 'localhost:80'],
    [{ origin: 'http://[::1]:56081' }, '[::1]:56081'],
    // Where TLS ends before the service.
    [{ origin: 'https://shop.example' }, 'shop.example'],
    [{ origin: 'https://shop.example' }, 'shop.example:443'],
  ])('is open for a POST with %j at %s', async (headers, host) => {
    expect((await call('POST', 'move', { host, ...headers })).statusCode).toBe(201);
  });

  it('lets pages of others link to what changes nothing', async () => {
    const link = { host: 'localhost', referer: 'http://other.example/', 'sec-fetch-site': 'cross-site' };
    expect((await call('GET', 'docs', link)).statusCode).toBe(200);
  });

  it('is open for the address that the service listens on, and stays closed for a wildcard', async () => {
    for (const [host, status] of [
      ['192.0.2.7', 201],
      ['0.0.0.0', 403],
      ['::', 403],
    ] as const) {
      const service = await startServiceHttp({
        controllers: [MoneyController],
        providers: [],
        environment: { HOST: host },
      });
      const named = host.includes(':') ? `[${host}]` : host;
      const response = await service.inject({
        method: 'POST',
        url: '/some-service/move',
        headers: { host: `${named}:56081` },
      });
      expect([host, response.statusCode]).toEqual([host, status]);
      await service.close();
    }
  });
});
