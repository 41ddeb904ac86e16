/** The steps of a payment at which a crash matters, beside `outbox.stored`, which the library announces between them. */
export const PAYMENT_FAULT_POINTS = [
  'service:payment.begun',
  'service:payment.inserted',
  'service:payment.before-commit',
  'service:payment.committed',
] as const;

export type PaymentFaultPoint = (typeof PAYMENT_FAULT_POINTS)[number];
