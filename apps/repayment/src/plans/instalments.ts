import { toAmount, toCents } from '@txmsg/contracts';

/** One month's repayment to one investor. */
export interface Instalment {
  readonly principal: string;
  readonly interest: string;
}

const MONTHS_OF_A_YEAR = 12n;
/** The rate is in per cent with two decimals, so in ten-thousandths when it is read as whole cents. */
const RATE_PARTS = 10_000n;

/**
 * What an investor gets back, month by month. Whole cents, and nothing is lost: principal and interest are each divided by
 * the number of months, rounded down, and the last month takes the rest of both.
 *
 * The interest is simple: the amount, by the rate of a year, by the months of twelve, rounded half up to the cent once.
 */
export function instalmentsOf(amount: string, terms: number, annualRate: string): Instalment[] {
  const principal = toCents(amount);
  const principals = divided(principal, terms);
  const interests = divided(interestOf(principal, terms, annualRate), terms);
  return principals.map((cents, index) => ({
    principal: toAmount(cents),
    interest: toAmount(interests[index] ?? 0n),
  }));
}

function interestOf(principal: bigint, terms: number, annualRate: string): bigint {
  const divisor = MONTHS_OF_A_YEAR * RATE_PARTS;
  return (principal * toCents(annualRate) * BigInt(terms) + divisor / 2n) / divisor;
}

function divided(cents: bigint, terms: number): bigint[] {
  const each = cents / BigInt(terms);
  const last = cents - each * BigInt(terms - 1);
  return Array.from({ length: terms }, (_unused, index) => (index === terms - 1 ? last : each));
}
