import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import {
  createServiceHttp,
  loadSettings,
  PeerSettings,
  PeerUnansweredError,
  ProblemException,
} from '@txmsg/service';
import { UserSettings } from '../user-settings.js';
import { CustodyClient } from './custody.client.js';

const SECRET = 'a-secret-of-user-and-custody';
const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/none', ROCKETMQ_ENDPOINTS: 'localhost:1' };
const REQUEST = { requestNo: 'r-1', userId: 'u-1', name: '张三' };
const PROCESSING = { ...REQUEST, status: 'PROCESSING', custodyAccountNo: null, reason: null };
const OPENED = { ...REQUEST, status: 'OPENED', custodyAccountNo: 'c-1', reason: null };
const REFUSED = { ...REQUEST, status: 'REFUSED', custodyAccountNo: null, reason: 'USER_HAS_ACCOUNT' };
const CONFLICT = {
  requestNo: 'r-1',
  status: 'REFUSED',
  custodyAccountNo: null,
  reason: 'REQUEST_NO_CONFLICT',
};

function clientOf(url: string | undefined, environment: Readonly<Record<string, string>> = {}) {
  const custody = url === undefined ? undefined : { CUSTODY_URL: url };
  return new CustodyClient(loadSettings(UserSettings, { ...ENVIRONMENT, ...custody, ...environment }));
}

class CustodyLikeSettings extends PeerSettings {
  readonly serviceName = 'custody';
  readonly port = 0;
}

/** Custody's answers as custody makes them. */
@Controller()
class RequestsController {
  readonly sent: unknown[] = [];

  @Post('accounts')
  @HttpCode(202)
  open(@Body() body: object): object {
    this.sent.push(body);
    return { ...PROCESSING, ...body };
  }

  @Get('requests/:requestNo')
  find(@Param('requestNo') requestNo: string): object {
    if (requestNo === 'r-1') return OPENED;
    throw new ProblemException(ProblemCode.CUSTODY_REQUEST_NOT_FOUND, 'None.', { txNo: requestNo });
  }
}

describe('user asking custody', () => {
  let app: Awaited<ReturnType<typeof createServiceHttp>>;
  let url: string;

  beforeAll(async () => {
    const settings = loadSettings(CustodyLikeSettings, {
      ...ENVIRONMENT,
      LOG_LEVEL: 'fatal',
      PEER_SHARED_SECRET: SECRET,
    });
    app = await createServiceHttp({ controllers: [RequestsController] }, settings, 'custody');
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(() => app.close());

  it.each([
    ['with the secret of both', { PEER_SHARED_SECRET: SECRET }],
    ['without a secret, on the same machine', {}],
  ])('believes it %s', async (_what, environment) => {
    const client = clientOf(url, environment);
    expect(await client.send(REQUEST)).toBe('PROCESSING');
    expect(app.get(RequestsController).sent.at(-1)).toEqual(REQUEST);
    const { requestNo, status, custodyAccountNo, reason } = OPENED;
    expect(await client.find(REQUEST)).toEqual({ requestNo, status, custodyAccountNo, reason });
    expect(await client.find({ ...REQUEST, requestNo: 'r-2' })).toBe('NOT_FOUND');
  });

  it('does not believe one who has another secret, whether it asks or sends', async () => {
    const client = clientOf(url, { PEER_SHARED_SECRET: 'another-secret-of-others' });
    for (const asking of [() => client.send(REQUEST), () => client.find(REQUEST)]) {
      await expect(asking()).rejects.toBeInstanceOf(PeerUnansweredError);
      await expect(asking()).rejects.toThrow(/custody's signature: PEER_SHARED_SECRET/);
    }
  });

  it('says that it cannot without an address', async () => {
    await expect(clientOf(undefined).send(REQUEST)).rejects.toMatchObject({
      code: ProblemCode.CUSTODY_NOT_CONFIGURED,
    });
  });
});

describe('what user makes of an answer', () => {
  let server: Server;
  let client: CustodyClient;
  let answer: { status: number; body: unknown };

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  describe('to a request', () => {
    it.each([PROCESSING, OPENED, REFUSED])('that has come as far as %j', async (body) => {
      answer = { status: 202, body };
      const { requestNo, status, custodyAccountNo, reason } = body;
      const expected = status === 'PROCESSING' ? status : { requestNo, status, custodyAccountNo, reason };
      expect(await client.send(REQUEST)).toEqual(expected);
    });

    it('under a number that custody has given to another one: it is refused for good', async () => {
      answer = { status: 409, body: { code: 'TX_NO_CONFLICT', txNo: 'r-1' } };
      expect(await client.send(REQUEST)).toEqual(CONFLICT);
      answer = { status: 202, body: { ...PROCESSING, userId: 'u-2' } };
      expect(await client.send(REQUEST)).toEqual(CONFLICT);
    });

    it.each([
      ['unknown there too', 202, { requestNo: 'r-1', status: 'UNKNOWN' }],
      ['about another request', 202, { ...PROCESSING, requestNo: 'r-2' }],
      ['the conflict of another request', 409, { code: 'TX_NO_CONFLICT', txNo: 'r-2' }],
      ['a conflict of something else', 409, { code: 'OTHER', txNo: 'r-1' }],
      ['nothing done', 503, { code: 'SERVICE_UNAVAILABLE', txNo: 'r-1' }],
      ['an OK that is none of a request', 200, PROCESSING],
      ['no object', 202, 'PROCESSING'],
      ['an account without a number', 202, { ...OPENED, custodyAccountNo: null }],
      ['a number without an account', 202, { ...REFUSED, custodyAccountNo: 'c-1' }],
      ['a reason that is too long to store', 202, { ...REFUSED, reason: 'a'.repeat(256) }],
    ])('that is %s: nothing is known', async (_what, status, body) => {
      answer = { status, body };
      await expect(client.send(REQUEST)).rejects.toBeInstanceOf(PeerUnansweredError);
    });
  });

  describe('to a question', () => {
    beforeEach(() => {
      answer = { status: 200, body: REFUSED };
    });

    it('is the result that it has', async () => {
      const { requestNo, status, custodyAccountNo, reason } = REFUSED;
      expect(await client.find(REQUEST)).toEqual({ requestNo, status, custodyAccountNo, reason });
    });

    it.each([
      ['user', { userId: 'u-2' }],
      ['name', { name: 'Alice' }],
    ])('is a refusal when the number is that of a request with another %s', async (_what, changed) => {
      answer = { status: 200, body: { ...OPENED, ...changed } };
      expect(await client.find(REQUEST)).toEqual(CONFLICT);
    });

    it.each([
      ["a proxy's", { code: 'NOT_FOUND' }],
      ['about another request', { code: 'CUSTODY_REQUEST_NOT_FOUND', txNo: 'r-2' }],
      ['no object', 'gone'],
    ])('is none when it is the 404 of %s', async (_what, body) => {
      answer = { status: 404, body };
      await expect(client.find(REQUEST)).rejects.toBeInstanceOf(PeerUnansweredError);
    });
  });
});
