import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startServiceHttp } from './service-http.fixture.js';
import { answerOf, listenOnLoopback, openRaw } from './raw-http.fixture.js';

let release: () => void = () => undefined;

@Controller()
class SlowController {
  @Get('slow')
  async slow(): Promise<object> {
    await new Promise<void>((resolve) => (release = resolve));
    return { done: true };
  }

  @Get('things/:no')
  find(@Param('no') no: string): object {
    return { no };
  }

  @Post('things')
  make(@Body() thing: object): object {
    return thing;
  }
}

const HEAD = 'HTTP/1.1\r\nhost: localhost\r\n';
const POST = `POST /some-service/things ${HEAD}content-type: application/json\r\n`;
const WHOLE = `GET /some-service/things/1 ${HEAD}\r\n`;
const TOO_SLOW = { status: 408, body: { status: 408, code: 'REQUEST_FAILED' } };

describe("the limits of a service's HTTP, as SECURITY.md names them", () => {
  let app: NestFastifyApplication;
  let port: number;

  async function start(environment: Readonly<Record<string, string>>): Promise<void> {
    app = await startServiceHttp({ controllers: [SlowController], providers: [], environment });
    port = await listenOnLoopback(app);
  }
  afterEach(() => app.close());

  describe('the time that a request may take to come', () => {
    // What the cases below cannot see, since they wait as long as a slow machine takes: Node looks every 30 s unless told
    // otherwise, and gives headers 60 s.
    it.each([
      [200, 50],
      [2000, 500],
      [60_000, 1000],
    ])('of %i ms is looked at every %i ms', async (limitMs, connectionsCheckingInterval) => {
      await start({ HTTP_REQUEST_TIMEOUT_MS: String(limitMs) });
      const server: Server = app.getHttpServer();
      const limits = { requestTimeout: limitMs, headersTimeout: limitMs, connectionsCheckingInterval };
      expect(server).toMatchObject(limits);
    });
  });

  describe('a request that takes more than its time to come', () => {
    beforeEach(() => start({ HTTP_REQUEST_TIMEOUT_MS: '200' }));

    it.each([
      ['says nothing', ''],
      ['sends half a line', 'GET /some-'],
      ['sends half of its headers', `GET /some-service/things/1 ${HEAD}`],
      ['sends half of its body', `${POST}content-length: 20\r\n\r\n{"name":`],
      ['sends no body', `${POST}content-length: 20\r\n\r\n`],
      ['sends half of its body in chunks', `${POST}transfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n`],
    ])('ends a connection that %s', async (_what, text) => {
      expect(await answerOf(await openRaw(port, text))).toMatchObject(TOO_SLOW);
    });

    it('ends a connection that sends a header now and then', async () => {
      const socket = await openRaw(port, `GET /some-service/things/1 ${HEAD}`);
      const drip = setInterval(() => socket.write('x: y\r\n'), 20);
      try {
        expect(await answerOf(socket)).toMatchObject(TOO_SLOW);
      } finally {
        clearInterval(drip);
      }
    });

    it('ends a connection that stops in its second request', async () => {
      const socket = await openRaw(port, WHOLE);
      socket.once('data', () => socket.write('GET /some-service/things/2 '));
      expect((await answerOf(socket)).status).toBe(200);
    });

    it('does not end a request that came whole and is worked on', async () => {
      const slow = await openRaw(port, `GET /some-service/slow ${HEAD}connection: close\r\n\r\n`);
      const answer = answerOf(slow);
      // The limit has passed for two that came later.
      for (let times = 0; times < 2; times++) await answerOf(await openRaw(port, ''));
      release();
      expect(await answer).toMatchObject({ status: 200, body: { done: true } });
    });

    // What is written then would be read as the answer of the request that came whole, and say that it did nothing.
    it.each([
      ['is no request', 'garbage\x01\r\n\r\n'],
      ['does not come in time', 'POST /some-service/things'],
    ])('tells nothing to a request that is worked on when what follows it %s', async (_what, next) => {
      const socket = await openRaw(port, `GET /some-service/slow ${HEAD}\r\n`);
      const answer = answerOf(socket);
      socket.write(next);
      expect((await answer).status).toBe(0);
      release();
    });
  });

  describe('sizes', () => {
    beforeEach(() => start({ HTTP_BODY_LIMIT_BYTES: '256' }));

    const bodyOf = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    const send = async (text: string) => answerOf(await openRaw(port, text));

    it('takes a body of the limit, and no byte more', async () => {
      const post = (body: string) =>
        send(`${POST}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      expect((await post(bodyOf(256))).status).toBe(201);
      expect(await post(bodyOf(257))).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
    });

    it('counts what comes, not what was announced', async () => {
      const body = bodyOf(257);
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      const answer = await send(`${POST}connection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`);
      expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
    });

    it('refuses headers and addresses of more than 16 KiB', async () => {
      const long = 'x'.repeat(17_000);
      const refused = { status: 431, body: { status: 431, code: 'REQUEST_FAILED' } };
      expect(await send(`GET /some-service/things/1 ${HEAD}x: ${long}\r\n\r\n`)).toMatchObject(refused);
      expect(await send(`GET /some-service/things/1?a=${long} ${HEAD}\r\n`)).toMatchObject(refused);
    });

    it('refuses what is no HTTP', async () => {
      const refused = { status: 400, body: { status: 400, code: 'MALFORMED_REQUEST' } };
      expect(await send('\x16\x03\x01\x02\x00\r\n\r\n')).toMatchObject(refused);
      expect(await send(`GET /some-service/things/1 ${HEAD}content-length: x\r\n\r\n`)).toMatchObject(
        refused,
      );
    });
  });
});
