import type { Delivery } from '../broker/index.js';

/** How long received messages stay invisible to the group's other consumers, and so the delay that a crash causes. */
export const INVISIBLE_DURATION_MS = 15_000;

/** Keeps a message invisible while it is worked on, until the returned function is called, which must be before concluding. */
export function keepInvisible(delivery: Delivery): () => void {
  const timer = setInterval(() => {
    // When a renewal fails, the broker redelivers the message early, and the barrier finds that it is a duplicate.
    delivery.changeInvisibleDuration(INVISIBLE_DURATION_MS, INVISIBLE_DURATION_MS / 3).catch(() => undefined);
  }, INVISIBLE_DURATION_MS / 3);
  return () => {
    clearInterval(timer);
  };
}
