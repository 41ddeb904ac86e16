import { context, type Context } from '@opentelemetry/api';

/** Runs `work` in `active`. A context manager that throws neither keeps it from running nor makes it run twice. */
export function within<T>(active: Context, work: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  try {
    return context.with(active, () => (running = work()));
  } catch {
    return running ?? work();
  }
}
