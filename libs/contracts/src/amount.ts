import { ValidateBy, type ValidationOptions } from 'class-validator';

import { Big } from 'big.js';

/** DECIMAL(19,2) holds 17 digits before the point. */
const INTEGER_DIGITS_MAX = 17;
const DECIMALS_MAX = 2;

/** A longer text is refused before it is parsed. */
const TEXT_LENGTH_MAX = 128;
/** With a larger exponent no text of that length is a valid amount; it is refused before it is expanded. */
const EXPONENT_MAX = 200;

const HTTP_AMOUNT_PATTERN = /^\d{1,17}(\.\d{1,2})?$/;
const NUMBER_PATTERN = /^\d+(?:\.\d+)?(?:[eE]([+-]?\d+))?$/;
const NORMAL_AMOUNT_PATTERN = /^(?:0|[1-9]\d{0,16})\.\d{2}$/;

export const HTTP_AMOUNT_RULE =
  'must be a string such as "100.00": digits only, 1 to 17 of them, then optionally a point and 1 or 2 decimals, greater than 0';

export const AMOUNT_RULE =
  'must be a number or decimal string greater than 0, exact to 2 decimals, with at most 17 digits before the point';

/**
 * Reads an amount as services of any language write it (`100`, `"100.00"`, `100.0`, `1.0E7`) and returns it in
 * the one form that this project stores, sends and compares: `"100.00"`. Undefined when the text is no amount,
 * is not greater than 0, has more than 17 digits before the point, or is not exact to two decimals.
 *
 * The text never passes through a JavaScript number, and `1e999999999` is refused before anything expands it.
 */
export function normalizeAmount(text: string): string | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const match = NUMBER_PATTERN.exec(text);
  if (!match || Math.abs(Number(match[1] ?? 0)) > EXPONENT_MAX) return undefined;
  const amount = new Big(text);
  // Big keeps the digits without leading and trailing zeros, and the exponent of the first one.
  const decimals = amount.c.length - 1 - amount.e;
  const isAmount = amount.gt(0) && amount.e < INTEGER_DIGITS_MAX && decimals <= DECIMALS_MAX;
  return isAmount ? amount.toFixed(DECIMALS_MAX) : undefined;
}

/** True for the form that `normalizeAmount` returns, and for no other. */
export function isNormalAmount(value: unknown): value is string {
  return typeof value === 'string' && NORMAL_AMOUNT_PATTERN.test(value) && value !== '0.00';
}

/** The stricter rule for people who type or program a call: a plain decimal string, never a JSON number. */
export function isHttpAmount(value: unknown): value is string {
  return typeof value === 'string' && HTTP_AMOUNT_PATTERN.test(value) && /[1-9]/.test(value);
}

/** The property of an event is an amount, already normalised by `@AmountText()`. */
export function IsAmount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isAmount', validator: { validate: isNormalAmount, defaultMessage: () => AMOUNT_RULE } },
    options,
  );
}

/** The field of an HTTP request is an amount. */
export function IsHttpAmount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isHttpAmount', validator: { validate: isHttpAmount, defaultMessage: () => HTTP_AMOUNT_RULE } },
    options,
  );
}

/** Amounts are decimal text everywhere, as the banks write them; calculations are made in whole cents. */

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
