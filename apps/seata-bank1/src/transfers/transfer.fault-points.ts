import type { ServiceFaultPoint } from 'txmsg/faults';

/** In the order in which a transfer meets them; the context's `txNo` is the transfer's. */
export const TRANSFER_FAULT_POINTS = [
  'service:transfer.begun',
  'service:transfer.debited',
  'service:transfer.credited',
  'service:transfer.ended',
] as const satisfies readonly ServiceFaultPoint[];
