import { describe, expect, it } from '@jest/globals';
import { ProblemCode } from '@txmsg/contracts';
import { resultOf } from './custody-event.js';

const DATA = { requestNo: 'r-1', status: 'OPENED', custodyAccountNo: 'c-1', reason: null };
const event = (data: unknown, type = 'custody.result'): object => ({ type, timestamp: 'any', data });

describe('the body of a webhook', () => {
  it('tells a result, and further fields do not matter', () => {
    expect(resultOf({ ...event({ ...DATA, extra: 1 }), extra: 2 })).toEqual(DATA);
  });

  it('of another type concerns others, whatever its data are', () => {
    expect(resultOf(event({ any: 'thing' }, 'topup.result'))).toBeUndefined();
  });

  it.each([
    ['type', 7],
    ['type', null],
    ['type', {}],
    ['data', event(undefined)],
    ['data', event(null)],
    ['data', event([DATA])],
    ['data.requestNo', event({ ...DATA, requestNo: 'a b' })],
    ['data.status', event({ ...DATA, status: 'PROCESSING' })],
    ['data.custodyAccountNo', event({ ...DATA, custodyAccountNo: null })],
  ])('is refused because of %s: %j', (field, body) => {
    const reading = (): unknown => resultOf(body);
    expect(reading).toThrow(
      expect.objectContaining({
        code: ProblemCode.INVALID_INPUT,
        extras: { errors: [expect.objectContaining({ field })] },
      }),
    );
  });
});
