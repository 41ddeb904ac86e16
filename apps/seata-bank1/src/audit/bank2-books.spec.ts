import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditUnreadableError } from '@txmsg/bank/audit';
import { isProven } from '@txmsg/service';
import type { SeataBank1Settings } from '../seata-bank1-settings.js';
import { Bank2Books, BooksRefusedError } from './bank2-books.js';

const ACCOUNTS = { opening: '0.00', balance: '1.00', reserved: '0.00', wrongCount: 0, wrong: [] };
const CREDIT = { txNo: 't', pattern: 'AT', accountNo: '2', amount: '1.00', xid: 'h:1:1', state: 'CREDITED' };
const PAGE = { accounts: ACCOUNTS, credits: [CREDIT], next: null };

/** A server that answers as a test says, in place of bank2. */
describe("bank2's books", () => {
  let server: Server;
  let bank2Url: string;
  let answer: (response: ServerResponse, url: string, authorization: string) => void;

  beforeAll(async () => {
    server = createServer(({ url = '', headers }, response) => {
      answer(response, url, headers.authorization ?? '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    bank2Url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const books = (): Bank2Books =>
    new Bank2Books({ bank2Url, adminToken: 'own', bank2AdminToken: 'of-bank2' } as SeataBank1Settings);
  const answered = (body: object, status = 200): void => {
    answer = (response) => response.writeHead(status).end(JSON.stringify(body));
  };

  it('are asked for page by page, with a proof of knowing the token, and who answers does not learn it', async () => {
    const seen: string[] = [];
    answer = (response, url, authorization) => {
      seen.push(url, authorization);
      response.end(JSON.stringify({ ...PAGE, accounts: url.includes('after') ? null : ACCOUNTS }));
    };
    expect(await books().page()).toEqual(PAGE);
    expect((await books().page('a:b')).accounts).toBeNull();
    expect([seen[0], seen[2]]).toEqual(['/bank2/admin/books', '/bank2/admin/books?after=a%3Ab']);
    for (const [path, authorization] of [seen.slice(0, 2), seen.slice(2)] as [string, string][]) {
      expect(isProven(authorization, 'of-bank2', path)).toBe(true);
      expect(authorization).not.toMatch(/own|of-bank2/);
    }
  });

  it.each([
    ['nothing', {}],
    ['no accounts', { ...PAGE, accounts: null }],
    ['sums that are numbers', { ...PAGE, accounts: { ...ACCOUNTS, balance: 1 } }],
    [
      'an account without what is due',
      { ...PAGE, accounts: { ...ACCOUNTS, wrong: [{ accountNo: '2', present: null }] } },
    ],
    ['a credit without its xid', { ...PAGE, credits: [{ ...CREDIT, xid: undefined }] }],
    ['a state that is none', { ...PAGE, credits: [{ ...CREDIT, state: 'PAID' }] }],
    ['an amount that is none', { ...PAGE, credits: [{ ...CREDIT, amount: '1e9' }] }],
    ['no end', { accounts: ACCOUNTS, credits: [] }],
  ])('are no books when the answer has %s', async (_what, body) => {
    answered(body);
    await expect(books().page()).rejects.toThrow(/what are no books of bank2/);
  });

  it('are no books when a page does not go on', async () => {
    answered({ ...PAGE, next: 't' });
    await expect(books().page('t')).rejects.toThrow(AuditUnreadableError);
    expect((await books().page('s')).next).toBe('t');
  });

  it.each([401, 404])('are refused for good with %i, which says what to look at', async (status) => {
    answered({ code: 'UNAUTHORIZED', detail: 'The admin token is wrong.' }, status);
    await expect(books().page()).rejects.toThrow(BooksRefusedError);
    await expect(books().page()).rejects.toThrow(/BANK2_ADMIN_TOKEN/);
  });

  it.each([500, 503, 429])('may be read later after %i', async (status) => {
    answered({}, status);
    const error = await books()
      .page()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuditUnreadableError);
    expect(error).not.toBeInstanceOf(BooksRefusedError);
  });

  it('are not waited for by a shutdown', async () => {
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    answer = () => {
      asked();
    };
    const silent = books();
    const page = silent.page();
    await wasAsked;
    silent.onModuleDestroy();
    await expect(page).rejects.toThrow(AuditUnreadableError);
  });
});
