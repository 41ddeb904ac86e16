import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { guarded } from './guarded.js';

/** The context that is active now; a root when the context manager throws. */
export function activeContext(): Context {
  return guarded(() => context.active(), ROOT_CONTEXT);
}

/**
 * Runs `work` in `active`. A context manager that throws, or does not call it, neither keeps it from running nor makes it
 * run twice; what the manager returns is not looked at.
 */
export function within<T>(active: Context, work: () => Promise<T>): Promise<T> {
  const call: { isBegun: boolean; running?: Promise<T> } = { isBegun: false };
  try {
    void context.with(active, () => {
      call.isBegun = true;
      return (call.running = work());
    });
  } catch (error) {
    if (call.isBegun && call.running === undefined) throw error;
  }
  return call.running ?? work();
}
