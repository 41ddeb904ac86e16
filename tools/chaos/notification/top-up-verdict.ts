import { untruthTold, type Sent } from '../calls.js';
import type { Violation } from '../workload.js';

export interface SentTopUp extends Sent {
  readonly kind: 'TOP_UP';
  readonly accountNo: string;
  readonly amount: string;
  /** Some are promised to a customer and never paid. */
  readonly isPaid: boolean;
  /** Whether bank1 is told to expect it, before or after it is paid. */
  readonly expected: 'BEFORE' | 'AFTER' | 'NO';
  readonly byClassicGet: boolean;
  /** Whether bank1 is made to ask about it at once. */
  readonly isAsked: boolean;
  /** Set when bank1 said that it is registered. */
  wasToldExpected: boolean;
  /** Set when bank1 answered that it is credited. */
  wasToldCredited: boolean;
}

export interface PaymentRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
  readonly result: 'success' | 'fail';
}

export interface TopUpRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
  readonly state: 'EXPECTED' | 'CREDITED' | 'FAILED' | 'REFUSED' | 'GIVEN_UP';
}

/** It refuses every credit. */
export const FROZEN = 'topup-frozen';
/** bank1 does not have it, and pay does not know. */
export const UNKNOWN = 'topup-unknown';

/** What callers were told, pay's rows and bank1's rows, held against each other. */
export function judgeTopUps(
  sent: readonly SentTopUp[],
  payments: readonly PaymentRow[],
  topUps: readonly TopUpRow[],
): Violation[] {
  const paymentOf = new Map(payments.map((row) => [row.txNo, row]));
  const topUpOf = new Map(topUps.map((row) => [row.txNo, row]));
  return [
    ...sent.flatMap((one) => judgeCaller(one, paymentOf.get(one.txNo), topUpOf.get(one.txNo))),
    ...topUps.flatMap((row) => judgeCredit(row, paymentOf.get(row.txNo))),
  ];
}

function judgeCaller(
  one: SentTopUp,
  payment: PaymentRow | undefined,
  topUp: TopUpRow | undefined,
): Violation[] {
  const { txNo, isPaid, wasToldCredited } = one;
  const untruth = untruthTold(one, (isPaid ? payment : topUp) !== undefined);
  const found = topUp?.state ?? 'none';
  const wanted = [...new Set(mayBeExpected(one).map((isExpected) => endOf(payment, isExpected)))];
  return [
    ...(untruth === undefined ? [] : [{ txNo, what: untruth }]),
    ...(wanted.includes(found)
      ? []
      : [{ txNo, what: `top-up ${txNo} is ${found}, and ${wanted.join(' or ')} was expected` }]),
    ...(wasToldCredited && found !== 'CREDITED'
      ? [{ txNo, what: `${txNo} was told to be credited, and is ${found}` }]
      : []),
  ];
}

/** Whether bank1 was to expect it; both, when the caller did not hear whether it does. */
function mayBeExpected({ expected, wasToldExpected }: SentTopUp): readonly boolean[] {
  if (wasToldExpected) return [true];
  return expected === 'NO' ? [false] : [true, false];
}

function endOf(payment: PaymentRow | undefined, isExpected: boolean): string {
  if (payment === undefined) return isExpected ? 'GIVEN_UP' : 'none';
  if (payment.accountNo === UNKNOWN) return 'none';
  if (payment.result === 'fail') return isExpected ? 'FAILED' : 'none';
  return payment.accountNo === FROZEN ? 'REFUSED' : 'CREDITED';
}

/** Nothing but pay's success credits, and with pay's amount. */
function judgeCredit(
  { txNo, state, accountNo, amount }: TopUpRow,
  payment: PaymentRow | undefined,
): Violation[] {
  if (state !== 'CREDITED') return [];
  const isPaid =
    payment?.result === 'success' && payment.accountNo === accountNo && payment.amount === amount;
  if (isPaid) return [];
  const paid = payment === undefined ? 'nothing' : JSON.stringify(payment);
  return [{ txNo, what: `${txNo} is credited with ${amount} for ${accountNo}, and pay has ${paid}` }];
}
