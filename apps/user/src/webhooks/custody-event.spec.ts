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

  it('may name an account by a whole number that JSON.parse keeps', () => {
    const body = JSON.stringify(event({ ...DATA, custodyAccountNo: Number.MAX_SAFE_INTEGER }));
    expect(resultOf(JSON.parse(body))).toEqual({ ...DATA, custodyAccountNo: '9007199254740991' });
  });

  it.each(['requestNo', 'custodyAccountNo'])(
    'is refused when its %s is a number whose digits JSON.parse changes',
    (field) => {
      const body = JSON.stringify(event({ ...DATA, [field]: 0 }));
      const changed = body.replace(`"${field}":0`, `"${field}":6222021234567890123`);
      const reading = (): unknown => resultOf(JSON.parse(changed));
      expect(reading).toThrow(
        expect.objectContaining({
          code: ProblemCode.INVALID_INPUT,
          extras: { errors: [expect.objectContaining({ field: `data.${field}` })] },
        }),
      );
    },
  );

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
