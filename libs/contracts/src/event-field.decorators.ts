import { Expose, Transform, Type } from 'class-transformer';
import { normalizeAmount } from './amount.js';
import { IDENTIFIER_PATTERN } from './identifier.js';
import { isLosslessNumber } from 'lossless-json';

/** An identifier that is sent as a number is a whole number; `1.0` or `1E2` would be two texts for one account. */
const WHOLE_NUMBER_PATTERN = /^-?\d+$/;

/** An identifier of an event: text as it is, a whole number by its source text. */
export function IdentifierText(): PropertyDecorator {
  return TextFrom((value) => {
    const numberText = exactNumberText(value);
    if (numberText === undefined) return undefined;
    return WHOLE_NUMBER_PATTERN.test(numberText) && IDENTIFIER_PATTERN.test(numberText)
      ? numberText
      : undefined;
  });
}

/**
 * A number of pieces as the sender wrote it: `3` is a JavaScript number then, and `3.0`, `3e0` and `"3"` are none, for
 * validation to refuse.
 */
export function CountAsWritten(): PropertyDecorator {
  return TextFrom(() => undefined);
}

/** An amount of an event, in its normal form. */
export function AmountText(): PropertyDecorator {
  return TextFrom((value) => {
    const text = exactText(value);
    return text === undefined ? undefined : normalizeAmount(text);
  });
}

/**
 * Puts `read(value)` in place of the value, or leaves the value as it is, for validation to refuse it.
 *
 * class-transformer 0.5.1 converts a value before it calls `@Transform`; for a `LosslessNumber` it calls that
 * class's constructor without an argument, which throws. `@Type(() => String)` keeps it from doing so, and
 * the untouched value is read from the source object (spec: "a number that JavaScript cannot hold").
 */
function TextFrom(read: (value: unknown) => string | undefined): PropertyDecorator {
  const expose = Expose();
  const type = Type(() => String);
  const transform = Transform(({ obj, key }) => {
    const value = (obj as Record<string, unknown>)[key];
    return read(value) ?? value;
  });
  return (target, property) => {
    for (const decorate of [expose, type, transform]) decorate(target, property);
  };
}

/**
 * The text of a JSON value as the sender wrote it: a string as it is, a number by its source text. A 19-digit
 * snowflake id or a large amount would lose digits as a JavaScript number.
 *
 * The value comes from txmsg's lossless JSON parser, which hands out a JavaScript number only when that number
 * has all digits of the source text, and a `LosslessNumber` otherwise; or from `JSON.parse`, when it came over HTTP.
 * Undefined for anything else, and for a number whose digits `JSON.parse` may have changed.
 */
function exactText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return exactNumberText(value);
}

/** The same for numbers alone. */
function exactNumberText(value: unknown): string | undefined {
  if (typeof value === 'number') return hasItsDigits(value) ? String(value) : undefined;
  return isLosslessNumber(value) ? value.toString() : undefined;
}

/**
 * False for a whole number beyond 2^53 - 1: `JSON.parse` makes 6222021234567890000 of 6222021234567890123. txmsg's parser never
 * hands out such a number (lossless-json 4.3.3, `isSafeNumber`).
 */
function hasItsDigits(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
