import type { Delivery } from '../broker/index.js';

/** How long received messages stay hidden from the group's other consumers: what a killed process costs. */
export const INVISIBLE_DURATION_MS = 15_000;

/** Keeps a message hidden while it is worked on. Returns what stops it, which must be called before concluding. */
export function keepInvisible(delivery: Delivery): () => void {
  const timer = setInterval(() => {
    // A renewal that fails makes the message come again early; the barrier drops the duplicate.
    delivery.changeInvisibleDuration(INVISIBLE_DURATION_MS, INVISIBLE_DURATION_MS / 3).catch(() => undefined);
  }, INVISIBLE_DURATION_MS / 3);
  return () => {
    clearInterval(timer);
  };
}
