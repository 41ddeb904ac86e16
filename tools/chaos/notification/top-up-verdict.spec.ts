import { describe, expect, it } from '@jest/globals';
import {
  FROZEN,
  judgeTopUps,
  UNKNOWN,
  type PaymentRow,
  type SentTopUp,
  type TopUpRow,
} from './top-up-verdict.js';

const SENT: SentTopUp = {
  ...{ kind: 'TOP_UP', txNo: 't-1', accountNo: 'a', amount: '1.00', statuses: [201], isAskedAtRest: false },
  ...{ isPaid: true, expected: 'BEFORE', byClassicGet: false, isAsked: false },
  ...{ wasToldExpected: true, wasToldCredited: false },
};
const PAYMENT: PaymentRow = { txNo: 't-1', accountNo: 'a', amount: '1.00', result: 'success' };
const CREDITED: TopUpRow = { txNo: 't-1', accountNo: 'a', amount: '1.00', state: 'CREDITED' };

const judge = (sent: object, payment: object | undefined, topUp: object | undefined): string[] =>
  judgeTopUps(
    [{ ...SENT, ...sent }],
    payment === undefined ? [] : [{ ...PAYMENT, ...payment }],
    topUp === undefined ? [] : [{ ...CREDITED, ...topUp }],
  ).map(({ what }) => what);

describe('judgeTopUps', () => {
  it('finds nothing where each has ended as it must', () => {
    expect(judge({}, {}, {})).toEqual([]);
    expect(judge({}, { accountNo: FROZEN }, { accountNo: FROZEN, state: 'REFUSED' })).toEqual([]);
    expect(judge({}, { result: 'fail' }, { state: 'FAILED' })).toEqual([]);
    const unexpected = { expected: 'NO', wasToldExpected: false };
    expect(judge(unexpected, { result: 'fail' }, undefined)).toEqual([]);
    expect(judge(unexpected, { accountNo: UNKNOWN }, undefined)).toEqual([]);
    expect(judge({ isPaid: false }, undefined, { state: 'GIVEN_UP' })).toEqual([]);
  });

  it('takes either end where the caller does not know whether it is expected', () => {
    const sent = { wasToldExpected: false };
    expect(judge(sent, { result: 'fail' }, undefined)).toEqual([]);
    expect(judge(sent, { result: 'fail' }, { state: 'FAILED' })).toEqual([]);
  });

  it('finds a success that is not credited, and a credit that nobody or somebody else has paid', () => {
    expect(judge({}, {}, { state: 'EXPECTED' })).toEqual([
      'top-up t-1 is EXPECTED, and CREDITED was expected',
    ]);
    expect(judge({}, {}, undefined)).toEqual(['top-up t-1 is none, and CREDITED was expected']);
    expect(judge({ statuses: [503] }, undefined, {})).toEqual([
      'top-up t-1 is CREDITED, and GIVEN_UP was expected',
      't-1 is credited with 1.00 for a, and pay has nothing',
    ]);
    expect(judge({}, { amount: '2.00' }, {})).toEqual([expect.stringContaining('credited with 1.00')]);
  });

  it('finds callers who were told what is not so', () => {
    expect(judge({}, undefined, { state: 'GIVEN_UP' })).toEqual([expect.stringContaining('was not made')]);
    expect(judge({ wasToldCredited: true }, { result: 'fail' }, { state: 'FAILED' })).toEqual([
      't-1 was told to be credited, and is FAILED',
    ]);
  });
});
