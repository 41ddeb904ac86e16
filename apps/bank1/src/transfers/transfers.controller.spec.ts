import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import {
  HalfMessageNotSentError,
  InvalidArgumentError,
  LocalTransactionFailedError,
  TransactionFencedError,
  TxNoConflictError,
} from 'txmsg';
import { order, receipt, TransfersHttp } from '../../test/transfers-http.js';

const uuid = /^[0-9a-f-]{36}$/;
let http: Awaited<ReturnType<typeof TransfersHttp.start>>;

const post = (body: object, headers: Record<string, string> = {}) =>
  http.app.inject({ method: 'POST', url: '/bank1/transfers', headers, payload: body });

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

describe('POST /bank1/transfers', () => {
  it('answers 201 with the receipt, its address, and nothing to be stored', async () => {
    const response = await post(order);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual(receipt);
    expect(response.headers).toMatchObject({ location: '/bank1/transfers/t-1', 'cache-control': 'no-store' });
    expect(http.send).toHaveBeenCalledWith('topic_txmsg', { accountChange: order }, { txNo: 't-1' });
  });

  it.each([
    ['1', '1.00'],
    ['1.5', '1.50'],
    ['007.10', '7.10'],
    ['99999999999999999.99', '99999999999999999.99'],
  ])('sends the amount %s as %s', async (amount, normal) => {
    expect((await post({ ...order, amount })).json()).toMatchObject({ amount: normal });
    expect(http.send.mock.calls[0]?.[1].accountChange.amount).toBe(normal);
  });

  it('gives a transfer without a txNo one of its own', async () => {
    const response = await post({ ...order, txNo: undefined });
    expect(response.json<typeof receipt>().txNo).toMatch(uuid);
  });

  it.each(['t-9', '"t-9"'])('takes the txNo from the header Idempotency-Key: %s', async (key) => {
    const body = { ...order, txNo: undefined };
    expect((await post(body, { 'idempotency-key': key })).json()).toMatchObject({ txNo: 't-9' });
    expect((await post({ ...body, txNo: 't-9' }, { 'idempotency-key': key })).statusCode).toBe(201);
  });

  it.each(['other', 'a b', '', 'x'.repeat(65), '"'])(
    'refuses the Idempotency-Key %j beside txNo t-1',
    async (key) => {
      const response = await post(order, { 'idempotency-key': key });
      expect(response.json()).toMatchObject({ status: 400, errors: [{ field: 'Idempotency-Key' }] });
      expect(http.send).not.toHaveBeenCalled();
    },
  );

  it.each([
    ['amount', 100],
    ['amount', '-1'],
    ['amount', '0'],
    ['amount', '1e3'],
    ['amount', 'NaN'],
    ['amount', '100.001'],
    ['amount', '1'.repeat(20)],
    ['amount', '１００'],
    ['amount', ''],
    ['amount', null],
    ['amount', ['1', '2']],
    ['amount', { toString: '1' }],
    ['amount', undefined],
    ['accountNo', 1],
    ['accountNo', ''],
    ['accountNo', undefined],
    ['toAccountNo', "2' OR '1'='1"],
    ['toAccountNo', null],
    ['txNo', 1],
    ['txNo', null],
    ['txNo', ''],
    ['txNo', 'x'.repeat(65)],
    ['unknown', 'x'],
  ])('refuses %s = %j and names field and rule', async (field, value) => {
    const response = await post({ ...order, [field]: value });
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ field, rule: expect.stringMatching(/must be|is not/) }],
    });
    expect(http.send).not.toHaveBeenCalled();
  });

  it("answers a repeated txNo 200 with the first call's result", async () => {
    http.send.mockResolvedValue({ state: 'COMMITTED', duplicate: true, txNo: 't-1' });
    const response = await post(order);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(receipt);
  });

  it('does the same when only the row of the first call is left', async () => {
    http.send.mockResolvedValue({ state: 'ROLLED_BACK', txNo: 't-1', refusal: 'ALREADY_DONE' });
    expect((await post(order)).json()).toEqual(receipt);
  });

  it('never says 503 for a repeated txNo: the first call did something', async () => {
    http.send.mockResolvedValue({ state: 'COMMITTED', duplicate: true, txNo: 't-1' });
    http.findOneByOrFail.mockRejectedValue(
      new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'The database does not answer at the moment.'),
    );
    const response = await post(order);
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({ txNo: 't-1', state: 'UNKNOWN' });
  });

  it('answers 202 with Retry-After when the outcome is not known', async () => {
    http.send.mockResolvedValue({ state: 'UNKNOWN', txNo: 't-1' });
    const response = await post(order);
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({ txNo: 't-1', state: 'UNKNOWN' });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.headers.location).toBe('/bank1/transfers/t-1');
  });

  it.each([
    ['NO_SUCH_ACCOUNT', 404, 'ACCOUNT_NOT_FOUND'],
    ['ACCOUNT_FROZEN', 422, 'ACCOUNT_FROZEN'],
    ['INSUFFICIENT_BALANCE', 422, 'INSUFFICIENT_BALANCE'],
    ['TX_NO_CONFLICT', 409, 'TX_NO_CONFLICT'],
  ])('answers the refusal %s with %i %s', async (refusal, status, code) => {
    http.send.mockResolvedValue({ state: 'ROLLED_BACK', txNo: 't-1', refusal });
    expect((await post(order)).json()).toMatchObject({ status, code, txNo: 't-1' });
  });

  it.each([
    [
      'no half message',
      new HalfMessageNotSentError('t', 't-1', { cause: new Error('away') }),
      503,
      'SERVICE_UNAVAILABLE',
    ],
    [
      'a proven rollback',
      new LocalTransactionFailedError('t', 't-1', { cause: new Error('x') }),
      503,
      'SERVICE_UNAVAILABLE',
    ],
    ['a fence', new TransactionFencedError('t-1', 'a'), 503, 'SERVICE_UNAVAILABLE'],
    ['other contents', new TxNoConflictError('t-1', 'scope'), 409, 'TX_NO_CONFLICT'],
    ['a refused argument', new InvalidArgumentError('txNo', 't', 'is refused'), 400, 'INVALID_INPUT'],
    ['a defect', new Error('secret'), 500, 'INTERNAL_ERROR'],
  ])('answers %s with its problem', async (_what, error, status, code) => {
    http.send.mockRejectedValue(error);
    const response = await post(order);
    expect(response.json()).toMatchObject({ status, code });
    expect(response.headers['retry-after'] !== undefined).toBe(status === 503);
    expect(response.body).not.toContain('secret');
  });
});

describe('GET /bank1/transfers', () => {
  it.each([
    '?limit=0',
    '?limit=101',
    '?limit=1e1',
    '?limit=',
    '?state=PAID',
    '?state=',
    '?after=a%20b',
    '?x=1',
  ])('refuses %s', async (query) => {
    const response = await http.app.inject(`/bank1/transfers${query}`);
    expect(response.json()).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
  });
});
