/** The steps of an order at which a crash matters, beside those that the library announces. */
export const ORDER_FAULT_POINTS = [
  'service:order.inserted',
  'service:order.ended',
  'service:cancel.changed',
  'service:cancel.stored',
  'service:cancel.committed',
] as const;
