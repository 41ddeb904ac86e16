import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import {
  createServiceHttp,
  loadSettings,
  PeerSettings,
  PeerUnansweredError,
  ProblemException,
} from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import { endOf, PayClient } from './pay.client.js';

const SECRET = 'a-secret-of-this-pair';
const PAYMENT = { id: 't-1', accountNo: '1', payAmount: '1.00', result: 'success' };
const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/none', ROCKETMQ_ENDPOINTS: 'localhost:1' };

/** Pay's answers as pay makes them. */
@Controller('payresult')
class PayResults {
  @Get(':txNo')
  find(@Param('txNo') txNo: string): object {
    if (txNo === PAYMENT.id) return PAYMENT;
    throw new ProblemException(ProblemCode.PAYMENT_NOT_FOUND, 'No such payment.', { txNo });
  }
}

class PayLikeSettings extends PeerSettings {
  readonly serviceName = 'pay';
  readonly port = 0;
}

function clientOf(environment: Readonly<Record<string, string>>): PayClient {
  return new PayClient(loadSettings(Bank1Settings, { ...ENVIRONMENT, ...environment }));
}

const urlOf = (server: { address(): unknown }): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('bank1 asking pay', () => {
  let app: Awaited<ReturnType<typeof createServiceHttp>>;
  let PAY_URL: string;

  beforeAll(async () => {
    const environment = { ...ENVIRONMENT, LOG_LEVEL: 'fatal', PEER_SHARED_SECRET: SECRET };
    const settings = loadSettings(PayLikeSettings, environment);
    app = await createServiceHttp({ controllers: [PayResults] }, settings, 'pay');
    await app.listen(0, '127.0.0.1');
    PAY_URL = urlOf(app.getHttpServer());
  });
  afterAll(() => app.close());

  it.each([{ PEER_SHARED_SECRET: SECRET }, {}])(
    'believes it, with %j, on the same machine',
    async (secret) => {
      const client = clientOf({ PAY_URL, ...secret });
      expect(await client.find('t-1')).toEqual(PAYMENT);
      expect(await client.find('t:2')).toBe('NOT_FOUND');
    },
  );

  it('believes nobody with another secret, neither a payment nor that there is none', async () => {
    const client = clientOf({ PAY_URL, PEER_SHARED_SECRET: 'another-secret-of-others' });
    for (const txNo of ['t-1', 't-2']) {
      await expect(client.find(txNo)).rejects.toThrow(/pay's signature: PEER_SHARED_SECRET/);
    }
  });

  it('says so when it was not told where pay is', async () => {
    await expect(clientOf({}).find('t-1')).rejects.toMatchObject({ code: 'PAY_NOT_CONFIGURED' });
  });
});

describe('bank1 asking somebody in the place of pay', () => {
  let stranger: Server;
  let reply: (response: ServerResponse) => void;
  let PAY_URL: string;

  beforeAll(async () => {
    stranger = createServer((_request, response) => {
      reply(response);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    PAY_URL = urlOf(stranger);
  });
  afterAll(async () => {
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });

  it.each<[string, number, unknown]>([
    ['about another payment', 200, { ...PAYMENT, id: 't-2' }],
    ['with an amount that is a number', 200, { ...PAYMENT, payAmount: 1 }],
    ['with an amount that is none', 200, { ...PAYMENT, payAmount: '1' }],
    ['with no account', 200, { ...PAYMENT, accountNo: null }],
    ['with no result', 200, { ...PAYMENT, result: undefined }],
    ['that a payment was made, with another status', 202, PAYMENT],
    ['404 of a proxy', 404, { message: 'no such route' }],
    ['404 about another payment', 404, { code: 'PAYMENT_NOT_FOUND', txNo: 't-2' }],
    ['500', 500, { code: 'INTERNAL_ERROR' }],
  ])('acts on no answer %s', async (_what, status, body) => {
    reply = (response) => response.writeHead(status).end(JSON.stringify(body));
    await expect(clientOf({ PAY_URL }).find('t-1')).rejects.toBeInstanceOf(PeerUnansweredError);
  });

  it.each(['processing', 'SUCCESS', '', 'success '])('takes the result "%s" for no end', async (result) => {
    reply = (response) => response.end(JSON.stringify({ ...PAYMENT, result }));
    const payment = await clientOf({ PAY_URL }).find('t-1');
    expect(payment).toEqual({ ...PAYMENT, result });
    expect(endOf(payment as typeof PAYMENT)).toBeUndefined();
  });

  it('takes success and fail for ends', () => {
    for (const result of ['success', 'fail']) {
      const end = { txNo: 't-1', accountNo: '1', amount: '1.00', result };
      expect(endOf({ ...PAYMENT, result })).toEqual(end);
    }
  });
});
