import type { ColumnMetadata } from '../table/table-metadata.js';
import type { AtValue } from '../image/at-value.js';
import { momentOf } from './java-time.js';

/**
 * A value as Java's jackson serializer writes it: the class that MySQL's JDBC driver gives, before what jackson would
 * otherwise not know it by.
 * @param zone - the time zone of the JVMs
 */
export function javaValueText(
  { kind, jdbcType, typeText }: ColumnMetadata,
  value: AtValue,
  zone: string,
): string {
  if (value === null) return 'null';
  switch (kind) {
    case 'integer':
      return integerText(jdbcType, typeText.includes('unsigned'), value);
    case 'boolean':
      return value === '0' ? 'false' : 'true';
    case 'decimal':
      return tagged('java.math.BigDecimal', value);
    case 'float':
      return tagged('java.lang.Float', shortestFloat(Number(value)));
    case 'double':
      return doubleText(Number(value));
    case 'text':
    case 'json':
      return JSON.stringify(value);
    case 'binary':
      return tagged('[B', JSON.stringify(Buffer.from(value, 'hex').toString('base64')));
    case 'bit':
      return bitText(typeText, value);
    case 'date':
      return tagged('java.sql.Date', String(momentOf(value, zone).epochMs));
    case 'time':
      return tagged('java.sql.Time', JSON.stringify(value.slice(0, 8)));
    case 'datetime':
      return momentText('java.time.LocalDateTime', value, zone);
    case 'timestamp':
      return momentText('java.sql.Timestamp', value, 'UTC');
    case 'unsupported':
      throw new Error(`values of ${typeText} are not written into undo logs`);
  }
}

const tagged = (className: string, value: string): string => `["${className}",${value}]`;

const BIGINT = -5;
const INT = 4;

function integerText(jdbcType: number, isUnsigned: boolean, value: string): string {
  if (jdbcType === BIGINT) return tagged(isUnsigned ? 'java.math.BigInteger' : 'java.lang.Long', value);
  // MEDIUMINT has the number of INT, and fits a Java int without a sign too.
  const isLong = jdbcType === INT && isUnsigned;
  return isLong ? tagged('java.lang.Long', value) : value;
}

/** Java's jackson takes a number without a point or an exponent for an integer. */
function doubleText(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toPrecision(9);
}

function bitText(typeText: string, value: string): string {
  const bits = Number(/\((\d+)\)/.exec(typeText)?.[1] ?? 1);
  if (bits === 1) return value === '0' ? 'false' : 'true';
  const hex = BigInt(value)
    .toString(16)
    .padStart(Math.ceil(bits / 8) * 2, '0');
  return tagged('[B', JSON.stringify(Buffer.from(hex, 'hex').toString('base64')));
}

/** With the nanoseconds only where whole milliseconds do not tell all. */
function momentText(className: string, value: string, zone: string): string {
  const { epochMs, nanos } = momentOf(value, zone);
  return tagged(className, nanos % 1_000_000 === 0 ? String(epochMs) : `[${epochMs},${nanos}]`);
}
