import { toAmount, toCents } from '@txmsg/contracts';

export function add(amount: string, other: string): string {
  return toAmount(toCents(amount) + toCents(other));
}

export function subtract(amount: string, other: string): string {
  return toAmount(toCents(amount) - toCents(other));
}

export function isLess(amount: string, other: string): boolean {
  return toCents(amount) < toCents(other);
}
