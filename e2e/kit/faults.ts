import type { FaultRule } from 'txmsg/faults';

/** The setting that lets a bank meet these faults. */
export function faults(...rules: readonly FaultRule[]): { FAULTS: string } {
  return { FAULTS: JSON.stringify(rules) };
}

/** A service that meets this answers "retry" to every commit: phase two waits until it meets other faults, or is another process. */
export const NO_PHASE_TWO_YET = {
  point: 'service:seata.rm.commit-received',
  action: 'throw',
  times: 1000,
} as const satisfies FaultRule;
