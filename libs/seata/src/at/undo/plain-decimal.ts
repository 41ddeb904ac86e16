/** The digits of a number that Java may have written with an exponent: `1.5E-7` is `0.00000015`. @throws Error for no number */
export function plainDecimal(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text);
  if (parts === null) throw new Error(`"${text.slice(0, 40)}" is no number`);
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = parts;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) throw new Error(`"${text.slice(0, 40)}" is no DECIMAL of MySQL`);
  if (exponent === 0) return text.replace(/[eE].*/, '');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), '0').padEnd(Math.max(point, 1), '0');
  const at = Math.max(point, 1);
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  return `${sign}${before}${at < padded.length ? `.${padded.slice(at)}` : ''}`;
}

/** A DECIMAL has at most 65 digits. */
const EXPONENT_MAX = 130;
