import { context, type Context } from '@opentelemetry/api';

/** Runs `work` in `active`. A context manager that throws neither keeps it from running nor makes it run twice. */
export function within<T>(active: Context, work: () => Promise<T>): Promise<T> {
  const call: { isBegun: boolean; running?: Promise<T> } = { isBegun: false };
  try {
    return context.with(active, () => {
      call.isBegun = true;
      return (call.running = work());
    });
  } catch (error) {
    if (call.running !== undefined) return call.running;
    if (call.isBegun) throw error;
    return work();
  }
}
