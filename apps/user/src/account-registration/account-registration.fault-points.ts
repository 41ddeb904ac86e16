import type { ServiceFaultPoint } from 'txmsg/faults';

/** In the order in which a registration meets them; the context's `txNo` is its own. */
export const ACCOUNT_REGISTRATION_FAULT_POINTS = [
  'service:account-registration.begun',
  'service:account-registration.user-made',
  'service:account-registration.account-made',
  'service:account-registration.ended',
] as const satisfies readonly ServiceFaultPoint[];
