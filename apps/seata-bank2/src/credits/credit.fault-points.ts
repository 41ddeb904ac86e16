import type { ServiceFaultPoint } from 'txmsg/faults';

/** In the order in which a credit meets them; the context's `txNo` is the transfer's. */
export const CREDIT_FAULT_POINTS = [
  'service:credit.received',
  'service:credit.reserved',
] as const satisfies readonly ServiceFaultPoint[];
