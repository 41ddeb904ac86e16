import type { ServiceSettings } from './service-settings.js';

/** When what must be over, in ms from the signal on, so that a service ends cleanly whatever hangs. */
export interface ShutdownPhases {
  /** Running handlers, calls and loops are let go of; RocketMQ's clients sign off, which takes 2 s at most. */
  readonly workEndsMs: number;
  /** Requests that are still open are cut. Then the database is let go of. */
  readonly requestsEndMs: number;
}

export function shutdownPhases({ shutdownTimeoutMs }: ServiceSettings): ShutdownPhases {
  const share = (part: number): number =>
    Math.min(60_000, Math.max(100, Math.floor(shutdownTimeoutMs * part)));
  return { workEndsMs: share(0.5), requestsEndMs: share(0.75) };
}
