/** Amounts are decimal text everywhere, as the banks write them; these calculate in whole cents without rounding. */
export function add(amount: string, other: string): string {
  return toAmount(toCents(amount) + toCents(other));
}

export function subtract(amount: string, other: string): string {
  return toAmount(toCents(amount) - toCents(other));
}

export function isLess(amount: string, other: string): boolean {
  return toCents(amount) < toCents(other);
}

function toCents(amount: string): bigint {
  const match = /^(-?)(\d+)\.(\d\d)$/.exec(amount);
  if (!match) throw new Error(`"${amount}" is not an amount: digits with two decimals were expected`);
  const [, sign = '', whole = '', cents = ''] = match;
  return BigInt(`${sign}${whole}${cents}`);
}

function toAmount(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
