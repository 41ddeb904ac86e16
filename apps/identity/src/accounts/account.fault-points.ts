import type { ServiceFaultPoint } from 'txmsg/faults';

/** In the order in which phase one of an account meets them; the context's `txNo` is the registration's. */
export const ACCOUNT_FAULT_POINTS = [
  'service:account.received',
  'service:account.made',
] as const satisfies readonly ServiceFaultPoint[];
