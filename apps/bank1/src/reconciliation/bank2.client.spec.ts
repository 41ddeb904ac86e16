import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param } from '@nestjs/common';
import { BankSettings } from '@txmsg/bank';
import { createServiceHttp, loadSettings, PeerUnansweredError, ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import { Bank1Settings } from '../bank1-settings.js';
import { Bank2Client } from './bank2.client.js';

const SECRET = 'a-secret-of-both-banks';
const TRANSFER = {
  txNo: 't-1',
  accountNo: '1',
  toAccountNo: '2',
  amount: '1.00',
  state: 'REJECTED',
  reason: null,
};
const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/none', ROCKETMQ_ENDPOINTS: 'localhost:1' };

/** bank2's answers as bank2 makes them. */
@Controller('transfers')
class TransfersController {
  @Get(':txNo')
  find(@Param('txNo') txNo: string): object {
    if (txNo === TRANSFER.txNo) return TRANSFER;
    throw new ProblemException(ProblemCode.TRANSFER_NOT_FOUND, 'No such transfer.', { txNo });
  }
}

class Bank2LikeSettings extends BankSettings {
  readonly serviceName = 'bank2';
  readonly port = 0;
}

function clientOf(bank2Url: string, environment: Readonly<Record<string, string>> = {}) {
  const settings = loadSettings(Bank1Settings, {
    ...ENVIRONMENT,
    ADMIN_TOKEN: 'of-bank1',
    BANK2_ADMIN_TOKEN: 'of-bank2',
    BANK2_URL: bank2Url,
    ...environment,
  });
  return new Bank2Client(settings);
}

describe('bank1 asking bank2 what it did', () => {
  let app: Awaited<ReturnType<typeof createServiceHttp>>;
  let bank2Url: string;

  beforeAll(async () => {
    const settings = loadSettings(Bank2LikeSettings, {
      ...ENVIRONMENT,
      LOG_LEVEL: 'fatal',
      BANK_SHARED_SECRET: SECRET,
    });
    app = await createServiceHttp({ controllers: [TransfersController] }, settings, 'bank2');
    await app.listen(0, '127.0.0.1');
    bank2Url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(() => app.close());

  it.each([
    ['with the secret of both', { BANK_SHARED_SECRET: SECRET }],
    ['without a secret, on the same machine', {}],
  ])('believes it %s', async (_what, environment) => {
    const client = clientOf(bank2Url, environment);
    expect(await client.find('t-1')).toEqual(TRANSFER);
    expect(await client.find('t:2')).toBe('NOT_FOUND');
  });

  it('does not believe one who has another secret', async () => {
    const client = clientOf(bank2Url, { BANK_SHARED_SECRET: 'another-secret-of-others' });
    for (const txNo of ['t-1', 't-2']) {
      const asking = client.find(txNo);
      await expect(asking).rejects.toBeInstanceOf(PeerUnansweredError);
      await expect(asking).rejects.toThrow(/bank2's signature: BANK_SHARED_SECRET/);
    }
  });
});

describe('bank1 asking somebody in the place of bank2', () => {
  let stranger: Server;
  let strangerUrl: string;
  let reply: (response: ServerResponse, headers: IncomingHttpHeaders, path: string) => void;
  let asked: IncomingHttpHeaders[];

  beforeAll(async () => {
    stranger = createServer((request, response) => {
      asked.push(request.headers);
      reply(response, request.headers, request.url ?? '');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('tells it no secret', async () => {
    reply = (response) => response.end(JSON.stringify(TRANSFER));
    await clientOf(strangerUrl, { BANK_SHARED_SECRET: SECRET })
      .find('t-1')
      .catch(() => undefined);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toMatch(/of-bank1|of-bank2|a-secret/);
  });

  it.each([
    ['is not signed', {}],
    ['is signed by guess', { 'txmsg-signature': `v1=${'0'.repeat(64)}` }],
  ])('refunds nothing by an answer that %s', async (_what, headers) => {
    reply = (response) => response.writeHead(200, headers).end(JSON.stringify(TRANSFER));
    const asking = clientOf(strangerUrl, { BANK_SHARED_SECRET: SECRET }).find('t-1');
    await expect(asking).rejects.toBeInstanceOf(PeerUnansweredError);
  });

  it('refunds nothing by an answer to an earlier question', async () => {
    const nonces = new Set<unknown>();
    reply = (response, headers) => {
      nonces.add(headers['txmsg-nonce']);
      response.end(JSON.stringify(TRANSFER));
    };
    const client = clientOf(strangerUrl, { BANK_SHARED_SECRET: SECRET });
    for (let times = 0; times < 3; times++) await client.find('t-1').catch(() => undefined);
    expect(nonces.size).toBe(3);
  });

  it('does not follow it elsewhere', async () => {
    reply = (response, _headers, path) => {
      if (path.startsWith('/elsewhere')) response.end(JSON.stringify(TRANSFER));
      else response.writeHead(302, { location: '/elsewhere' }).end();
    };
    await expect(clientOf(strangerUrl).find('t-1')).rejects.toBeInstanceOf(PeerUnansweredError);
    expect(asked).toHaveLength(1);
  });

  it('reads no more of an answer than it may have', async () => {
    const isClosed = new Promise<void>((resolve) => {
      reply = (response) => {
        response.on('close', resolve);
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(16_384)));
        };
        response.on('drain', more);
        more();
      };
    });
    await expect(clientOf(strangerUrl).find('t-1')).rejects.toBeInstanceOf(PeerUnansweredError);
    await isClosed;
  });

  it.each([
    ['before the answer', () => undefined],
    ['in the middle of it', (response: ServerResponse) => response.write('{"txNo":')],
  ])('does not wait for one that falls silent %s', async (_what, silence) => {
    reply = silence;
    const asking = clientOf(strangerUrl).find('t-1', undefined, 200);
    await expect(asking).rejects.toBeInstanceOf(PeerUnansweredError);
    await expect(asking).rejects.toThrow(
      `${strangerUrl}/bank2/transfers/t-1 (BANK2_URL) gave no answer: it did not end within 200 ms`,
    );
  });

  it('stops asking when it is told to', async () => {
    const stopping = new AbortController();
    reply = () => {
      stopping.abort();
    };
    const asking = clientOf(strangerUrl).find('t-1', stopping.signal, 600_000);
    await expect(asking).rejects.toBeInstanceOf(PeerUnansweredError);
  });
});
