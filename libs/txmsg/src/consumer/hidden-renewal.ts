import type { Delivery } from '../broker/index.js';

/** How long received messages stay hidden from the group's other consumers: what a killed process costs. */
export const HIDDEN_MS = 15_000;

/** Keeps a message hidden while it is worked on. Returns what stops it, which must be called before settling. */
export function keepHidden(delivery: Delivery): () => void {
  const timer = setInterval(() => {
    // A renewal that fails makes the message come again early; the barrier drops the duplicate.
    delivery.hideFor(HIDDEN_MS, HIDDEN_MS / 3).catch(() => undefined);
  }, HIDDEN_MS / 3);
  return () => {
    clearInterval(timer);
  };
}
