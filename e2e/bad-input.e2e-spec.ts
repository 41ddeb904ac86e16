import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from './kit/service-process.js';
import { call, postJson, type Answer } from './kit/http.js';
import { expectMoneyConserved } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

const good = { accountNo: '1', toAccountNo: '2', amount: '1.00' };
const AMOUNT_RULE = /digits only.*greater than 0/;
const IDENTIFIER_RULE = /1 to 64 characters/;

/** Amounts that are wrong in a query as in a body. */
const BAD_AMOUNTS = [
  ['negative', '-1'],
  ['zero', '0'],
  ['zero with decimals', '0.00'],
  ['with an exponent', '1e3'],
  ['not a number', 'NaN'],
  ['infinite', 'Infinity'],
  ['a tenth of a cent', '100.001'],
  ['of 20 digits', '12345678901234567890'],
  ['full-width', '１００'],
  ['in Arabic digits', '١٠٠'],
  ['empty', ''],
  ['blank', ' '],
  ['padded', ' 1.00'],
  ['with a line break', '1.00\n'],
  ['signed', '+1'],
  ['hexadecimal', '0x10'],
  ['grouped', '1,000.00'],
  ['without digits before the point', '.5'],
  ['without digits after the point', '1.'],
] as const;

const BAD_IDENTIFIERS = [
  ['empty', ''],
  ['padded', ' 1'],
  ['padded behind', '1 '],
  ['overlong', 'x'.repeat(65)],
  ['Chinese', '张三'],
  ['an injection', "1' OR '1'='1"],
  ['with a NUL', '1\u0000'],
  ['what a path means by this folder', '.'],
  ['what a path means by the folder above', '..'],
] as const;

describe('bad input', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('bad_input');
    bank1 = await banks.start('bank1');
  });
  afterAll(async () => {
    // After everything, not after each: one call that moves money turns the file red all the same.
    expect(await banks.books.allOutgoing()).toEqual([]);
    expect(await banks.books.balance('bank1', '1')).toBe('10000.00');
    await expectMoneyConserved(banks.books);
  });
  afterAll(() => banks.close());

  const post = (body: object | string, headers?: Record<string, string>): Promise<Answer> =>
    postJson(`${bank1.url}/transfers`, typeof body === 'string' ? body : JSON.stringify(body), headers);
  const classic = (query: string): Promise<Answer> => call(`${bank1.url}/transfer?${query}`);

  /** RFC 9457, and a field with its rule where one is to blame. */
  function expectProblem(answer: Answer, status: number, code: string, field?: string, rule?: RegExp): void {
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, code, type: expect.any(String), title: expect.any(String) });
    expect(answer.status).toBe(status);
    if (field === undefined) return;
    expect(answer.body?.errors).toContainEqual(
      expect.objectContaining({ field, rule: expect.stringMatching(rule ?? /./) }),
    );
  }

  describe('an amount', () => {
    it.each(BAD_AMOUNTS)('%s is refused in a body and in a query', async (_what, amount) => {
      expectProblem(await post({ ...good, amount }), 400, 'INVALID_INPUT', 'amount', AMOUNT_RULE);
      const query = new URLSearchParams({ amount }).toString();
      expectProblem(await classic(query), 400, 'INVALID_INPUT', 'amount', AMOUNT_RULE);
    });

    it.each([100, 0.1, true, null, ['1.00'], { value: '1.00' }])('is refused as %j', async (amount) => {
      expectProblem(await post({ ...good, amount }), 400, 'INVALID_INPUT', 'amount', AMOUNT_RULE);
    });

    it('may be left out of the classic call only', async () => {
      const { accountNo, toAccountNo } = good;
      expectProblem(await post({ accountNo, toAccountNo }), 400, 'INVALID_INPUT', 'amount', AMOUNT_RULE);
    });
  });

  describe.each(['accountNo', 'toAccountNo', 'txNo'] as const)('%s', (field) => {
    it.each(BAD_IDENTIFIERS)('%s is refused in a body and in a query', async (_what, value) => {
      expectProblem(await post({ ...good, [field]: value }), 400, 'INVALID_INPUT', field, IDENTIFIER_RULE);
      const query = new URLSearchParams({ [field]: value }).toString();
      expectProblem(await classic(query), 400, 'INVALID_INPUT', field, IDENTIFIER_RULE);
    });

    it.each([1, true, null, ['1'], { no: '1' }])('is refused as %j', async (value) => {
      expectProblem(await post({ ...good, [field]: value }), 400, 'INVALID_INPUT', field, IDENTIFIER_RULE);
    });
  });

  it('a payer that this bank does not have is not found', async () => {
    expectProblem(await post({ ...good, accountNo: 'nobody' }), 404, 'ACCOUNT_NOT_FOUND');
    expectProblem(await classic('accountNo=01'), 404, 'ACCOUNT_NOT_FOUND');
  });

  it.each(['amount', 'accountNo', 'toAccountNo', 'txNo'])('a repeated %s is refused', async (field) => {
    expectProblem(await classic(`${field}=1&${field}=1`), 400, 'INVALID_INPUT', field);
  });

  it('a field that nobody knows is refused', async () => {
    expectProblem(
      await post({ ...good, ammount: '1' }),
      400,
      'INVALID_INPUT',
      'ammount',
      /not a known field/,
    );
    expectProblem(await classic('ammount=1'), 400, 'INVALID_INPUT', 'ammount', /not a known field/);
  });

  it('an Idempotency-Key that is no txNo, or another one than the body names, is refused', async () => {
    const field = 'Idempotency-Key';
    expectProblem(await post(good, { [field]: 'a b' }), 400, 'INVALID_INPUT', field, IDENTIFIER_RULE);
    const two = await post({ ...good, txNo: 'a' }, { [field]: 'b' });
    expectProblem(two, 400, 'INVALID_INPUT', field, /must equal txNo/);
  });

  it.each([
    ['broken', '{"accountNo":"1",', 400, 'MALFORMED_REQUEST'],
    ['empty', '', 400, 'MALFORMED_REQUEST'],
    ['deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, 400, 'MALFORMED_REQUEST'],
    ['null', 'null', 400, 'INVALID_INPUT'],
    ['an array', JSON.stringify([good]), 400, 'INVALID_INPUT'],
    ['text', '"1"', 400, 'INVALID_INPUT'],
    ['with a prototype', '{"__proto__":{"amount":"1.00"}}', 400, 'MALFORMED_REQUEST'],
    ['oversized', JSON.stringify({ ...good, note: 'x'.repeat(20_000) }), 413, 'BODY_TOO_LARGE'],
  ])('a body that is %s is refused', async (_what, body, status, code) => {
    expectProblem(await post(body), status, code);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data'])(
    'a body of type %s is refused',
    async (type) => {
      expectProblem(await post(good, { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    },
  );

  it.each([
    ['/transfers/a%20b', 400, 'INVALID_INPUT'],
    [`/transfers/${'x'.repeat(65)}`, 400, 'INVALID_INPUT'],
    ['/transfers/%zz', 400, 'MALFORMED_REQUEST'],
    ['/transfers/unknown', 404, 'TRANSFER_NOT_FOUND'],
    ['/accounts/unknown', 404, 'ACCOUNT_NOT_FOUND'],
    ['/nothing-here', 404, 'ROUTE_NOT_FOUND'],
  ])('GET %s is answered with %i', async (path, status, code) => {
    expectProblem(await call(`${bank1.url}${path}`), status, code);
  });
});
