import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './service-process.js';

/** The broker asks one producer after another; each one that crashed or froze costs a question. */
const ANSWER_DEADLINE_MS = 60_000;

/** What these instances answered the broker about the half messages of this txNo, so far. */
export function checkBackAnswers(instances: readonly ServiceProcess[], txNo: string): string[] {
  return instances
    .flatMap((instance) => instance.logs())
    .filter((line) => line.message === 'check-back answered' && line.txNo === txNo)
    .map(({ answer }) => String(answer));
}

export function untilAnswered(
  instances: readonly ServiceProcess[],
  txNo: string,
  answer: 'COMMIT' | 'ROLLBACK',
): Promise<unknown> {
  const isAnswered = (): boolean => checkBackAnswers(instances, txNo).includes(answer);
  return eventually(isAnswered, { timeoutMs: ANSWER_DEADLINE_MS });
}
