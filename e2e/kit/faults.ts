import type { FaultRule } from 'txmsg/faults';

/** The setting that lets a bank meet these faults. */
export function faults(...rules: readonly FaultRule[]): { FAULTS: string } {
  return { FAULTS: JSON.stringify(rules) };
}
