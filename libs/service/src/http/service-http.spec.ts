import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  HttpException,
  Logger,
  Param,
  Post,
  Req,
  type RawBodyRequest,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiProperty } from '@nestjs/swagger';
import { IsIdentifier, ProblemCode } from '@txmsg/contracts';
import type { FastifyRequest } from 'fastify';
import { ApiProblem } from './problem.document.js';
import { startServiceHttp } from './service-http.fixture.js';
import { IdentifierPipe } from './identifier.pipe.js';
import { ProblemException } from './problem.exception.js';
import { answerOf, listenOnLoopback, openRaw } from './raw-http.fixture.js';

class Thing {
  @ApiProperty()
  @IsIdentifier()
  readonly name!: string;
}

@Controller()
class ThingsController {
  @Post('things')
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.MALFORMED_REQUEST)
  make(@Body() thing: Thing): Thing {
    return thing;
  }

  @Post('bytes')
  bytes(@Req() { rawBody, body }: RawBodyRequest<FastifyRequest>): object {
    return { hex: rawBody?.toString('hex'), body };
  }

  @Get('things/:no')
  find(@Param('no', IdentifierPipe) no: string): { no: string } {
    return { no };
  }

  @Get('hang')
  hang(): Promise<never> {
    return new Promise(() => undefined);
  }

  @Get('fail')
  fail(): never {
    throw new Error('SELECT secret FROM inside');
  }

  @Get('fail-with-status')
  failWithStatus(): never {
    throw new HttpException({ inside: 'secret' }, 502);
  }

  @Get('away')
  away(): never {
    throw new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'Later.', {
      txNo: 't-1',
      cause: new Error('The database is away.'),
      headers: { 'retry-after': '3' },
    });
  }

  @Get('health/live')
  live(): object {
    return { status: 'ok' };
  }
}

describe("a service's HTTP", () => {
  let app: NestFastifyApplication;
  const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const warnings = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

  beforeAll(async () => {
    app = await startApplication();
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const post = (payload: string, contentType = 'application/json') =>
    app.inject({
      method: 'POST',
      url: '/some-service/things',
      headers: { 'content-type': contentType },
      payload,
    });

  it('answers a problem document with type, title, status, code and detail', async () => {
    const response = await app.inject('/some-service/nothing-here');
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toEqual({
      type: 'urn:txmsg:problem:route-not-found',
      title: 'There is nothing at this address',
      status: 404,
      code: 'ROUTE_NOT_FOUND',
      detail: 'There is no such address; the OpenAPI page lists all of them.',
    });
  });

  it('keeps the bytes of a body beside what they were parsed to, for signatures', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{ "name":"\\u0061", "other":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const response = await app.inject({
      method: 'POST',
      url: '/some-service/bytes',
      headers: { 'content-type': 'application/json' },
      payload: bytes,
    });
    expect(response.json()).toEqual({ hex: bytes.toString('hex'), body: { name: 'a', other: '\ufffd' } });
  });

  it.each([
    ['broken JSON', '{"name":', 'application/json', 400, 'MALFORMED_REQUEST'],
    ['an empty body', '', 'application/json', 400, 'MALFORMED_REQUEST'],
    ['a form', 'name=a', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', '{"name":"a"}', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body over the limit', `{"name":"${'a'.repeat(17_000)}"}`, 'application/json', 413, 'BODY_TOO_LARGE'],
    [
      'a body that nests too deep',
      '['.repeat(4000) + ']'.repeat(4000),
      'application/json',
      400,
      'MALFORMED_REQUEST',
    ],
    [
      'deep objects',
      '{"a":'.repeat(2000) + '1' + '}'.repeat(2000),
      'application/json',
      400,
      'MALFORMED_REQUEST',
    ],
    [
      'a poisoned prototype',
      '{"name":"a","__proto__":{"x":1}}',
      'application/json',
      400,
      'MALFORMED_REQUEST',
    ],
    [
      'a poisoned constructor',
      '{"constructor":{"prototype":{"x":1}}}',
      'application/json',
      400,
      'MALFORMED_REQUEST',
    ],
    ['null', 'null', 'application/json', 400, 'INVALID_INPUT'],
    ['an array', '[]', 'application/json', 400, 'INVALID_INPUT'],
    ['an array of the right thing', '[{"name":"a"}]', 'application/json', 400, 'INVALID_INPUT'],
    ['a string', '"a"', 'application/json', 400, 'INVALID_INPUT'],
    ['a number', '1', 'application/json', 400, 'INVALID_INPUT'],
    ['a missing field', '{}', 'application/json', 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_what, payload, contentType, status, code) => {
    const response = await post(payload, contentType);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code });
    expect(response.statusCode).toBe(status);
    expect({}).not.toHaveProperty('x');
  });

  it('accepts a good body, whatever charset parameter comes with its type', async () => {
    expect((await post('{"name":"a"}')).json()).toEqual({ name: 'a' });
    expect((await post('{"name":"a"}', 'application/json; charset=utf-8')).statusCode).toBe(201);
  });

  it('names every field that breaks a rule, and unknown ones', async () => {
    const response = await post('{"name":"a b","nmae":"x"}');
    expect(response.json()).toMatchObject({
      code: 'INVALID_INPUT',
      errors: expect.arrayContaining([
        { field: 'name', value: 'a b', rule: expect.stringContaining('1 to 64 characters') },
        { field: 'nmae', value: 'x', rule: 'is not a known field' },
      ]),
    });
  });

  it('cuts long values that it shows', async () => {
    const response = await post(JSON.stringify({ name: 'x'.repeat(10_000) }));
    expect(response.body.length).toBeLessThan(1000);
  });

  it('refuses a path parameter that is no identifier', async () => {
    for (const bad of ['a%20b', 'x'.repeat(65), 'a%2Fb', '%E4%BD%A0', 'x'.repeat(2000)]) {
      const response = await app.inject(`/some-service/things/${bad}`);
      expect([bad, response.statusCode >= 400 && response.statusCode < 500]).toEqual([bad, true]);
      expect(response.headers['content-type']).toContain('application/problem+json');
    }
  });

  it('answers a broken URL with a problem document', async () => {
    const response = await app.inject('/some-service/things/%zz');
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'MALFORMED_REQUEST' });
  });

  it('says nothing about the inside of an unexpected error, and logs it once', async () => {
    errors.mockClear();
    const response = await app.inject('/some-service/fail');
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(response.body).not.toContain('secret');
    expect(errors).toHaveBeenCalledTimes(1);
    expect((await app.inject('/some-service/fail-with-status')).body).not.toContain('secret');
  });

  it('passes on headers and the txNo of a problem', async () => {
    const response = await app.inject('/some-service/away');
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('3');
    expect(response.json()).toMatchObject({ txNo: 't-1' });
    expect(warnings).toHaveBeenLastCalledWith(
      expect.stringContaining('Later. Because: The database is away.'),
      expect.objectContaining({ txNo: 't-1' }),
    );
  });

  it('refuses a POST that a page of another site sends', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/some-service/things',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
      payload: '{"name":"a"}',
    });
    expect(response.json()).toMatchObject({ status: 403, code: 'REQUEST_REFUSED' });
  });

  it('shows its OpenAPI page and document, with the problem schema', async () => {
    expect((await app.inject('/some-service/docs')).headers['content-type']).toContain('text/html');
    const response = await app.inject('/some-service/docs-json');
    const paths: unknown = response.json<{ paths: unknown }>().paths;
    expect(Object.keys(paths as object)).toContain('/some-service/things');
    expect(response.json()).toHaveProperty('components.schemas.ProblemDocument.properties.code');
  });

  it('tells nobody what server it is', async () => {
    const { headers } = await app.inject('/some-service/things/1');
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  describe('in a browser', () => {
    const policyOf = (headers: Record<string, unknown>): Map<string, string> =>
      new Map(
        String(headers['content-security-policy'])
          .split(';')
          .map((directive) => {
            const [name = '', ...values] = directive.trim().split(' ');
            return [name, values.join(' ')];
          }),
      );

    it.each([
      ['a page', '/some-service/docs'],
      ['an answer', '/some-service/things/1'],
      ['a problem', '/some-service/nothing-here'],
      ['an unexpected error', '/some-service/fail'],
      ['a broken URL', '/some-service/things/%zz'],
    ])('lets nobody frame, sniff or script %s', async (_what, url) => {
      const { headers } = await app.inject(url);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = policyOf(headers);
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('script-src')).toBe("'self'");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(headers).not.toHaveProperty('strict-transport-security');
    });

    it('lets the OpenAPI page load all that it needs', async () => {
      const { body, headers } = await app.inject('/some-service/docs');
      const policy = policyOf(headers);
      // Its scripts are files of its own; an inline one, or a handler in an attribute, would not run.
      expect(body).toContain('swagger-ui-init.js');
      expect([...body.matchAll(/<script(?![^>]*\bsrc=)[^>]*>/g)]).toEqual([]);
      expect([...body.matchAll(/\bon[a-z]+=/g)]).toEqual([]);
      expect([...body.matchAll(/(?:src|href)=["'](?:https?:)?\/\//g)]).toEqual([]);
      expect(body).toContain('<style>');
      expect(policy.get('style-src')).toContain("'unsafe-inline'");
      // "Try it out" calls the service that shows the page.
      expect(policy.get('connect-src')).toBe("'self'");
    });
  });

  describe('with a limit of requests', () => {
    let limited: NestFastifyApplication;

    beforeEach(async () => {
      limited = await startApplication({ HTTP_RATE_LIMIT_PER_MINUTE: '3' });
    });
    afterEach(() => limited.close());

    const call = (url: string, remoteAddress = '192.0.2.1') => limited.inject({ url, remoteAddress });
    const useUp = async (): Promise<void> => {
      for (const path of ['things/1', 'nothing-here', 'fail']) await call(`/some-service/${path}`);
    };

    it('answers 429 to what is beyond it, with the time when to come again', async () => {
      await useUp();
      const response = await call('/some-service/things/1');
      expect(response.json()).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' });
      expect(response.headers['content-type']).toContain('application/problem+json');
      const afterSeconds = Number(response.headers['retry-after']);
      expect(afterSeconds).toBeGreaterThan(0);
      expect(afterSeconds).toBeLessThanOrEqual(60);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
    });

    it('also where there is nothing, and before a body is read', async () => {
      await useUp();
      expect((await call('/some-service/nothing-here')).statusCode).toBe(429);
      const response = await limited.inject({
        method: 'POST',
        url: '/some-service/things',
        remoteAddress: '192.0.2.1',
        headers: { 'content-type': 'application/json' },
        payload: '{"name":',
      });
      expect(response.statusCode).toBe(429);
    });

    it('counts each address by itself', async () => {
      await useUp();
      expect((await call('/some-service/things/1', '192.0.2.2')).statusCode).toBe(200);
    });

    it('always answers health', async () => {
      await useUp();
      for (let times = 0; times < 5; times++) {
        expect((await call('/some-service/health/live')).statusCode).toBe(200);
      }
    });
  });

  it('has no limit of requests by default', async () => {
    const statuses = new Set<number>();
    for (let times = 0; times < 1200; times++) {
      statuses.add((await app.inject('/some-service/things/1')).statusCode);
    }
    expect([...statuses]).toEqual([200]);
  });

  describe('while it is shutting down', () => {
    it('refuses new work with 503, and still answers its health', async () => {
      const closing = await startApplication();
      warnings.mockClear();
      try {
        closing.getHttpAdapter().beforeClose?.();
        const response = await closing.inject('/some-service/things/1');
        expect(response.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
        expect(response.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
        expect((await closing.inject('/some-service/health/live')).statusCode).toBe(200);
        expect(warnings).not.toHaveBeenCalled();
      } finally {
        await closing.close();
      }
    });

    it.each([
      ['half of its headers', 'GET /some-service/things/1 HTTP/1.1\r\nhost: localhost\r\n'],
      [
        'half of its body',
        'POST /some-service/things HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{',
      ],
      ['all of it, for work that hangs', 'GET /some-service/hang HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ])('does not wait without end for a request of which it has %s', async (_what, text) => {
      const limits = { SHUTDOWN_TIMEOUT_MS: '400', HTTP_REQUEST_TIMEOUT_MS: '600000' };
      const closing = await startApplication(limits);
      const port = await listenOnLoopback(closing);
      const hanging = answerOf(await openRaw(port, text));
      // It came behind the other one, so that one has come.
      const whole = 'GET /some-service/health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
      expect((await answerOf(await openRaw(port, whole))).status).toBe(200);
      await closing.close();
      expect((await hanging).status).toBe(0);
    });
  });
});

function startApplication(
  environment: Readonly<Record<string, string>> = {},
): Promise<NestFastifyApplication> {
  return startServiceHttp({ controllers: [ThingsController], providers: [], environment });
}
