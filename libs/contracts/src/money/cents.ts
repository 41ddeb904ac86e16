/** Amounts are decimal text everywhere, as the banks write them; whoever must calculate does it in whole cents. */

/** @throws Error for anything but digits with two decimals */
export function toCents(amount: string): bigint {
  const match = /^(-?)(\d+)\.(\d\d)$/.exec(amount);
  if (!match) throw new Error(`"${amount}" is not an amount: digits with two decimals were expected`);
  const [, sign = '', whole = '', cents = ''] = match;
  return BigInt(`${sign}${whole}${cents}`);
}

export function toAmount(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
