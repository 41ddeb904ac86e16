/**
 * What every client of the broker has in common: it is started once, connects by itself in the background,
 * reconnects for as long as it lives, and closes within a deadline whatever state the broker is in.
 */
export interface BrokerClient {
  /** Begins connecting; never throws because the broker is away. */
  start(): void;
  /** True while calls have a chance. */
  isReady(): boolean;
  /** What keeps it from being ready, in words for an operator and without secrets; undefined while it is ready. */
  whyNotReady(): string | undefined;
  /** Resolves when ready; rejects with BrokerNotReadyError after `timeoutMs`. */
  whenReady(timeoutMs: number): Promise<void>;
  /** Never rejects; no callback, timer or socket of this client outlives it by more than `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}
