/**
 * Calls into OpenTelemetry, where a user's sampler, span processor, view or propagator may throw: that must never fail a
 * message. What is thrown is dropped: a line for each message would drown the log, and OpenTelemetry has its own
 * (`diag.setLogger`).
 */
export function guarded<T, Otherwise>(call: () => T, otherwise: Otherwise): T | Otherwise {
  try {
    return call();
  } catch {
    return otherwise;
  }
}
