import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AuditUnreadableError, QUERY_TIMEOUT_MS, type BookedTransfer } from '@txmsg/bank/audit';
import { isProven } from '@txmsg/service';
import { BooksRefusedError, openBank2Books } from './bank2-books.js';

const HEAD = '{"books":"bank2"}\n';
const ACCOUNTS = '{"accounts":{"opening":"0.00","balance":"1.00","wrongCount":0,"wrong":[]}}\n';
const ROW = '["t-1","1","2","1.00","CREDITED"]\n';
const TRANSFER = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '1.00', state: 'CREDITED' };

/** A server that answers as a test says, in place of bank2. */
describe("bank2's books through its admin call", () => {
  let server: Server;
  let bank2Url: string;
  let answer: (response: ServerResponse, authorization: string | undefined) => void;

  beforeAll(async () => {
    server = createServer((request, response) => {
      answer(response, request.headers.authorization);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    bank2Url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function read(
    silenceMaxMs = 60_000,
    tokens: object = { adminToken: 'own' },
  ): Promise<BookedTransfer[]> {
    const books = await openBank2Books({ bank2Url, ...tokens }, silenceMaxMs);
    const transfers: BookedTransfer[] = [];
    try {
      for await (const transfer of books.transfers()) transfers.push(transfer);
    } finally {
      books.close();
    }
    return transfers;
  }

  it('are read wherever the stream is cut into pieces', async () => {
    const text = `${HEAD}${ACCOUNTS}${ROW}{"end":1}\n`;
    answer = (response) => {
      void (async () => {
        for (const piece of text.match(/[^]{1,7}/g) ?? []) {
          response.write(piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      })();
    };
    expect(await read()).toEqual([TRANSFER]);
  });

  it.each([
    ['its own token', { adminToken: 'own' }, 'own'],
    ['the token that was given for bank2', { adminToken: 'own', bank2AdminToken: 'of-bank2' }, 'of-bank2'],
  ])(
    'are asked for with a proof of knowing %s, and who answers does not learn it',
    async (_what, tokens, known) => {
      let seen: string | undefined;
      answer = (response, authorization) => {
        seen = authorization;
        response.end(`${HEAD}${ACCOUNTS}{"end":0}\n`);
      };
      await read(60_000, tokens);
      expect(isProven(seen, known, '/bank2/admin/books')).toBe(true);
      expect(seen).not.toMatch(/own|of-bank2/);
    },
  );

  it('are no books when a line has no end', async () => {
    answer = (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    };
    await expect(read()).rejects.toThrow(/a line without end/);
  });

  it.each([
    [
      'breaks off',
      (response: ServerResponse) => response.write(HEAD + ACCOUNTS + ROW, () => response.destroy()),
    ],
    ['ends too early', (response: ServerResponse) => response.end(HEAD + ACCOUNTS + ROW)],
    ['is an error', (response: ServerResponse) => response.writeHead(503).end('{"detail":"Away."}')],
    ['goes elsewhere', (response: ServerResponse) => response.writeHead(302, { location: '/x' }).end()],
    ['is a page', (response: ServerResponse) => response.end('<html>')],
  ])('are no books when the answer %s', async (_what, reply) => {
    answer = reply;
    const reading = read();
    await expect(reading).rejects.toBeInstanceOf(AuditUnreadableError);
    await expect(reading).rejects.not.toBeInstanceOf(BooksRefusedError);
  });

  it.each([
    ['before the answer', () => undefined],
    ['in the middle of it', (response: ServerResponse) => response.write(HEAD + ACCOUNTS + ROW)],
  ])('are not waited for when bank2 falls silent %s', async (_what, reply) => {
    answer = reply;
    await expect(read(300)).rejects.toBeInstanceOf(AuditUnreadableError);
  });

  it('are waited for as long as both statements behind the line of the accounts may take', async () => {
    let finish = (): void => undefined;
    answer = (response) => {
      response.write(HEAD);
      finish = () => response.end(`${ACCOUNTS}${ROW}{"end":1}\n`);
    };
    const books = await openBank2Books({ bank2Url, adminToken: 'own' });
    jest.useFakeTimers();
    try {
      const reading = books.readAccounts();
      jest.advanceTimersByTime(2 * QUERY_TIMEOUT_MS);
      finish();
      await expect(reading).resolves.toMatchObject({ balance: '1.00' });
    } finally {
      jest.useRealTimers();
      books.close();
    }
  });

  it('are said to be unreadable with the address, where it is from, and why', async () => {
    const reading = openBank2Books({ bank2Url: 'http://127.0.0.1:2', adminToken: 'own' });
    const said = 'http://127.0.0.1:2/bank2/admin/books (BANK2_URL): connect ECONNREFUSED 127.0.0.1:2';
    await expect(reading).rejects.toThrow(said);
  });

  it.each([401, 404])('are refused by status %s, and the operator hears why', async (status) => {
    answer = (response) => response.writeHead(status).end('{"detail":"The admin token is wrong."}');
    const reading = read();
    await expect(reading).rejects.toBeInstanceOf(BooksRefusedError);
    await expect(reading).rejects.toThrow('The admin token is wrong.');
  });
});
