import { LosslessNumber } from 'lossless-json';
import type { AtValue } from '../image/at-value.js';
import type { ColumnMetadata } from '../table/table-metadata.js';
import { momentOf, wallTextOf, type JavaMoment } from './java-time.js';
import { plainDecimal } from './plain-decimal.js';

/**
 * The text of a value that Java or this library wrote, for a column as it is now.
 * @param zone - the time zone of the JVMs
 * @throws Error when the column cannot hold such a value
 */
export function valueOfJava({ kind, typeText }: ColumnMetadata, written: unknown, zone: string): AtValue {
  if (written === null) return null;
  const value = untagged(written);
  switch (kind) {
    case 'integer':
      return matching(numberText(value), /^-?\d+$/);
    case 'decimal':
      return plainDecimal(numberText(value));
    case 'float':
    case 'double':
      return String(Number(numberText(value)));
    case 'boolean':
      // With Java's tinyInt1isBit=false it is a number like any other TINYINT.
      return typeof value === 'boolean' ? booleanText(value) : matching(numberText(value), /^-?\d+$/);
    case 'bit':
      return /^bit\(1\)$/i.test(typeText) ? booleanText(value) : bitsText(value);
    case 'text':
    case 'json':
      return textOf(value);
    case 'binary':
      return Buffer.from(textOf(value), 'base64').toString('hex');
    case 'date':
      return typeof value === 'string'
        ? matching(value, /^\d{4}-\d\d-\d\d$/)
        : wallTextOf(momentIn(value), zone).slice(0, 10);
    case 'time':
      return typeof value === 'string'
        ? matching(value, /^\d\d:\d\d:\d\d$/)
        : wallTextOf(momentIn(value), zone).slice(11, 19);
    case 'datetime':
      return wallTextOf(momentIn(value), zone);
    case 'timestamp':
      return wallTextOf(momentIn(value), 'UTC');
    case 'unsupported':
      throw new Error(`values of ${typeText} are not put back`);
  }
}

/** `["java.lang.Long", 1]` is 1. */
function untagged(written: unknown): unknown {
  const isTagged = Array.isArray(written) && written.length === 2 && typeof written[0] === 'string';
  return isTagged ? (written[1] as unknown) : written;
}

function numberText(value: unknown): string {
  if (value instanceof LosslessNumber) return value.value;
  throw new Error(`${typeof value} is found where a number should be`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`${typeof value} is found where a text should be`);
}

function booleanText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return matching(numberText(value), /^[01]$/);
}

function bitsText(value: unknown): string {
  const hex = Buffer.from(textOf(value), 'base64').toString('hex');
  return BigInt(`0x${hex === '' ? '0' : hex}`).toString();
}

function matching(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new Error(`"${text.slice(0, 40)}" is no value of its column`);
  return text;
}

/** Whole ms, or `[ms, ns of the second]`. */
function momentIn(value: unknown): JavaMoment {
  const [epoch, nanos] = Array.isArray(value) ? (value as unknown[]) : [value, undefined];
  if (typeof value === 'string') return momentOf(value, 'UTC');
  const epochMs = Number(matching(numberText(epoch), /^-?\d+$/));
  const rest = ((epochMs % 1000) + 1000) % 1000;
  return { epochMs, nanos: nanos === undefined ? rest * 1_000_000 : Number(numberText(nanos)) };
}
