import { eventually } from 'txmsg/testing';
import { StackError } from './stack-error.js';

export interface WaitOptions {
  /** Ends the sentence "… did not happen within 60 s" with where to look. */
  readonly hint?: string;
  readonly deadlineMs: number;
  readonly intervalMs?: number;
}

/**
 * `eventually` for programs: a failure is a sentence for people, and a `StackError` of the probe ends the wait at once,
 * because waiting longer would not help. A probe that throws anything else has not succeeded *yet*.
 */
export async function waitUntil(
  what: string,
  { hint = '', deadlineMs, intervalMs = 100 }: WaitOptions,
  probe: () => boolean | Promise<boolean>,
): Promise<void> {
  let cause: unknown;
  const ask = async (): Promise<StackError | boolean> => {
    try {
      return await probe();
    } catch (error) {
      if (error instanceof StackError) return error;
      cause = error;
      throw error;
    }
  };
  const answer = await eventually(ask, { timeoutMs: deadlineMs, intervalMs }).catch(() => {
    const last = cause instanceof Error ? ` Last error: ${cause.message}` : '';
    const sentence = `${what} did not happen within ${deadlineMs / 1000} s.${last}${hint && ` ${hint}`}`;
    return new StackError(sentence, { cause });
  });
  if (answer instanceof StackError) throw answer;
}
