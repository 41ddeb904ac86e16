import { Logger } from '@nestjs/common';
import type { AttemptOutcomes } from '../barrier/index.js';
import type { CheckBackAnswer, MessageHead } from '../broker/index.js';
import { Deadline, withDeadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';
import { readOrigin, type HalfMessageOrigin } from './half-message.js';
import type { RunningAttempts } from './running-attempts.js';

/** For reading the barrier. Short, because the broker repeats a check-back that is answered UNKNOWN. */
const CHECK_BACK_TIMEOUT_MS = 3000;
/** For the whole answer. */
const ANSWER_TIMEOUT_MS = 5000;

export interface CheckBackContext {
  readonly scope: string;
  readonly databaseId: string;
  readonly barrierRetentionMs: number;
}

/** Answers check-backs: the broker's question whether a half message is to be committed or rolled back (docs/ARCHITECTURE.md, 3.2). */
export class CheckBack {
  private readonly logger = new Logger(CheckBack.name);

  constructor(
    private readonly outcomes: AttemptOutcomes,
    private readonly running: RunningAttempts,
    private readonly faults: FaultInjector,
  ) {}

  /** Never throws: what cannot be answered now is UNKNOWN, and the broker asks again. */
  async answer(message: MessageHead, context: CheckBackContext): Promise<CheckBackAnswer> {
    const origin = readOrigin(message);
    const txNo = origin?.txNo ?? message.keys[0];
    const late = (): Error => new Error(`the outcome was not known within ${ANSWER_TIMEOUT_MS} ms`);
    try {
      const answer = await withDeadline(this.find(origin, txNo, context), ANSWER_TIMEOUT_MS, late);
      this.logger.log({ message: 'check-back answered', txNo, attempt: origin?.attempt, answer });
      return answer;
    } catch (error) {
      this.logger.warn({
        message: 'check-back answered UNKNOWN: the barrier could not be read',
        txNo,
        messageId: message.messageId,
        cause: String(error),
      });
      return 'UNKNOWN';
    }
  }

  private async find(
    origin: HalfMessageOrigin | undefined,
    txNo: string | undefined,
    context: CheckBackContext,
  ): Promise<CheckBackAnswer> {
    await this.faults.at('check-back.received', { txNo });
    const answer = await this.decide(origin, context);
    await this.faults.at('check-back.before-answer', { txNo });
    return answer;
  }

  private async decide(
    origin: HalfMessageOrigin | undefined,
    { scope, databaseId, barrierRetentionMs }: CheckBackContext,
  ): Promise<CheckBackAnswer> {
    // Sent without this library, by another producer group, or from another database: this barrier has no answer.
    if (origin?.scope !== scope || origin.databaseId !== databaseId) return 'UNKNOWN';
    // Its barrier row may have been deleted, so an absent row does not prove that it did not commit.
    if (Date.now() - origin.sentAtMs > barrierRetentionMs) return 'UNKNOWN';
    if (this.running.has(origin.attempt)) return 'UNKNOWN';
    return this.outcomes.resolve(origin, Deadline.in(CHECK_BACK_TIMEOUT_MS), () =>
      this.faults.at('check-back.before-tombstone', { txNo: origin.txNo }),
    );
  }
}
