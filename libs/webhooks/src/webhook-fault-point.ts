import type { ServiceFaultPoint } from 'txmsg/faults';

/**
 * Every step at which a crash matters, in the order in which a delivery meets them. A service that uses the library names
 * them among its own (`serviceFaultPoints` of txmsg), so that rules may name them; the context's `txNo` is the delivery's id.
 */
export const WEBHOOK_FAULT_POINTS = [
  'service:webhook.enqueued',
  'service:webhook.before-claim-commit',
  'service:webhook.before-call',
  'service:webhook.called',
  'service:webhook.before-record-commit',
  'service:webhook.recorded',
] as const satisfies readonly ServiceFaultPoint[];
