import { InvalidArgumentError } from '../errors/index.js';

/**
 * MySQL would take an invalid Date for NULL, which no row is compared with, and has no form for a year of five digits.
 * @throws InvalidArgumentError
 */
export function requireMoment(field: string, moment: Date): void {
  const year = moment.getUTCFullYear();
  if (year >= 0 && year <= 9999) return;
  throw new InvalidArgumentError(field, moment, 'it must be a valid Date in the years 0 to 9999');
}
