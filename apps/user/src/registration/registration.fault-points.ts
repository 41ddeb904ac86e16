/** The steps of a registration at which a crash matters, beside `outbox.stored`, which the library announces between them. */
export const REGISTRATION_FAULT_POINTS = [
  'service:registration.begun',
  'service:registration.user-inserted',
  'service:registration.before-commit',
  'service:registration.committed',
] as const;

export type RegistrationFaultPoint = (typeof REGISTRATION_FAULT_POINTS)[number];
