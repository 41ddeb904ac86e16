import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { receipt, TransfersHttp } from '../../test/transfers-http.js';

const uuid = /^[0-9a-f-]{36}$/;
let http: Awaited<ReturnType<typeof TransfersHttp.start>>;

const classic = (query = '', headers: Record<string, string | undefined> = {}) =>
  http.app.inject({ method: 'GET', url: `/bank1/transfer${query}`, headers });

beforeAll(async () => {
  http = await TransfersHttp.start();
});

beforeEach(() => {
  http.answerAsUsual();
});

afterAll(async () => {
  await http.app.close();
  jest.restoreAllMocks();
});

describe('GET /bank1/transfer', () => {
  it('moves 100 from 1 to 2 when nothing is said', async () => {
    const response = await classic();
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ ...receipt, txNo: expect.stringMatching(uuid) });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('takes every parameter', async () => {
    const response = await classic('?amount=1.5&accountNo=a&toAccountNo=b&txNo=t-7');
    expect(response.json()).toEqual({
      txNo: 't-7',
      state: 'DEBITED',
      accountNo: 'a',
      toAccountNo: 'b',
      amount: '1.50',
    });
  });

  it.each([
    ['?amount=', 'amount'],
    ['?amount=-1', 'amount'],
    ['?amount=1&amount=2', 'amount'],
    ['?amount[]=1', 'amount[]'],
    ['?amount=1e3', 'amount'],
    ['?amount=%EF%BC%91', 'amount'],
    ['?amount=%2B1', 'amount'],
    ['?accountNo=', 'accountNo'],
    ['?toAccountNo=2&toAccountNo=3', 'toAccountNo'],
    ['?txNo=', 'txNo'],
    ['?txNo=a%00', 'txNo'],
    ['?ammount=1', 'ammount'],
  ])('refuses %s and names %s', async (query, field) => {
    const response = await classic(query);
    expect(response.json()).toMatchObject({ status: 400, code: 'INVALID_INPUT', errors: [{ field }] });
    expect(http.send).not.toHaveBeenCalled();
  });

  it('does not transfer for HEAD', async () => {
    const response = await http.app.inject({ method: 'HEAD', url: '/bank1/transfer' });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe('GET');
    expect(http.send).not.toHaveBeenCalled();
  });

  it.each([
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-purpose': 'preview' },
    { 'x-moz': 'prefetch' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin, same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { referer: 'http://evil.example/' },
    { referer: 'http://localhost:3000/' },
  ])('refuses what nobody asked for: %j', async (headers) => {
    const response = await classic('', headers);
    expect(response.json()).toMatchObject({ status: 403, code: 'REQUEST_REFUSED' });
    expect(response.headers['cache-control']).toBe('no-store');
    expect(http.send).not.toHaveBeenCalled();
  });

  it.each(['same-origin', 'none'])('serves a browser whose Sec-Fetch-Site is %s', async (site) => {
    expect((await classic('', { 'sec-fetch-site': site })).statusCode).toBe(200);
  });

  it.each(['127.0.0.1:12345', 'localhost', '[::1]:56081'])(
    'serves a program on the machine itself, which calls %s and says nothing else',
    async (host) => {
      expect((await classic('', { host })).statusCode).toBe(200);
    },
  );

  it.each(['bank.example', '192.0.2.1:56081'])(
    'refuses %s, by which the bank goes: browsers do not say there whose page calls',
    async (host) => {
      const named = await TransfersHttp.start({ HTTP_ALLOWED_HOSTS: 'bank.example,192.0.2.1' });
      const opened = await TransfersHttp.start({
        HTTP_ALLOWED_HOSTS: 'bank.example,192.0.2.1',
        CLASSIC_GET_ANY_HOST: 'true',
      });
      const ask = (of: typeof named, headers: object) =>
        of.app.inject({ url: '/bank1/transfer', headers: { host, ...headers } });
      try {
        const refusal = { status: 403, code: 'HOST_NOT_ALLOWED' };
        for (const headers of [{}, { 'sec-fetch-site': 'none' }]) {
          expect((await ask(named, headers)).json()).toMatchObject(refusal);
        }
        expect(named.send).not.toHaveBeenCalled();
        expect((await ask(opened, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
        expect(opened.send).not.toHaveBeenCalled();
        expect((await ask(opened, {})).statusCode).toBe(200);
      } finally {
        await Promise.all([named.app.close(), opened.app.close()]);
      }
    },
  );

  it('refuses a name that is not its own, whatever a browser says of it, and whatever is opened', async () => {
    const opened = await TransfersHttp.start({ CLASSIC_GET_ANY_HOST: 'true' });
    try {
      const headers = { host: 'evil.example', 'sec-fetch-site': 'same-origin' };
      const response = await opened.app.inject({ url: '/bank1/transfer', headers });
      expect(response.json()).toMatchObject({ status: 403, code: 'HOST_NOT_ALLOWED' });
      expect(opened.send).not.toHaveBeenCalled();
    } finally {
      await opened.app.close();
    }
  });

  it('can be switched off', async () => {
    const strict = await TransfersHttp.start({ CLASSIC_GET_ENABLED: 'false' });
    try {
      const response = await strict.app.inject('/bank1/transfer');
      expect(response.json()).toMatchObject({ status: 403, code: 'CLASSIC_CALL_DISABLED' });
      expect(strict.send).not.toHaveBeenCalled();
    } finally {
      await strict.app.close();
    }
  });
});
