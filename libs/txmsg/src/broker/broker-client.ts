/**
 * What every client of the broker has in common: it is started once, connects and reconnects by itself in the background
 * until it is closed, and closes within a deadline, whatever state the broker is in.
 */
export interface BrokerClient {
  /** Begins connecting; does not throw when the broker is away. */
  start(): void;
  /** True while it is connected, as far as it knows. */
  isReady(): boolean;
  /** What keeps it from being ready, in words for an operator and without secrets; undefined while it is ready. */
  whyNotReady(): string | undefined;
  /** Resolves when ready; rejects with BrokerNotReadyError after `timeoutMs`. */
  whenReady(timeoutMs: number): Promise<void>;
  /** Never rejects; no callback, timer or socket of this client outlives it by more than `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}
