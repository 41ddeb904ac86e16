import type { CheckBackHandler, MessageHead, TransactionResolution } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { halfMessageKey, type ResolutionLedger } from './resolution.ledger.js';
import type { TransportLogger } from '../options/rocketmq.options.js';

export interface CheckBack {
  readonly message: MessageHead;
  /** Tells the broker the resolution. */
  readonly answer: (resolution: TransactionResolution) => Promise<void>;
}

/** Check-backs that run at the same time; the handler usually has a small connection pool of its own. */
const RUNNING_MAX = 8;
/** Check-backs that wait for their turn; more are dropped, because the broker asks again anyway. */
const WAITING_MAX = 1_000;
/** After that, a check-back without an answer makes room for another one; the broker asks again. */
const HANDLER_TIMEOUT_MS = 30_000;
/**
 * Answers check-backs. rocketmq-client-nodejs 1.0.8 runs the checker for every question at once, and brokers
 * repeat questions: 118 concurrent ones for one transaction were seen. Here only a few check-backs run at the same time, one per
 * half message, and the handler is not called again once it has answered. Only COMMIT and ROLLBACK are
 * remembered, and the ledger lets one of them through per half message.
 *
 * A question that comes after the answer is answered again, though it may cause another delivery: the broker stores
 * another copy of the half message with every question, and asks about the copy until that has its answer too.
 * Tests: check-back.responder.spec.ts.
 */
export class CheckBackResponder {
  private readonly pending = new Set<string>();
  private readonly waiting: CheckBack[] = [];
  private readonly running = new Set<Promise<void>>();
  private closed = false;

  constructor(
    private readonly handler: CheckBackHandler,
    private readonly ledger: ResolutionLedger,
    private readonly logger: TransportLogger,
    private readonly describeFailure: (error: unknown) => string,
  ) {}

  receive(checkBack: CheckBack): void {
    const key = halfMessageKey(checkBack.message);
    if (this.closed || this.pending.has(key) || this.waiting.length >= WAITING_MAX) return;
    this.pending.add(key);
    this.waiting.push(checkBack);
    this.runNext();
  }

  /** Calls no further handler; resolves when those that run have ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.waiting.length = 0;
    await Promise.all(this.running);
  }

  private runNext(): void {
    const checkBack = this.running.size < RUNNING_MAX ? this.waiting.shift() : undefined;
    if (!checkBack) return;
    const run = this.respond(checkBack).finally(() => {
      this.running.delete(run);
      this.pending.delete(halfMessageKey(checkBack.message));
      this.runNext();
    });
    this.running.add(run);
  }

  private async respond({ message, answer }: CheckBack): Promise<void> {
    try {
      const resolution = this.ledger.resolutionOf(message) ?? (await this.ask(message));
      if (resolution !== 'COMMIT' && resolution !== 'ROLLBACK') return;
      this.ledger.decide(message, resolution);
      await answer(resolution);
    } catch (error) {
      const { messageId, topic } = message;
      this.logger.warn(
        `Check-back of half message ${messageId} on topic ${topic} stays open, the broker will ask again: ${this.describeFailure(error)}`,
      );
    }
  }

  private ask(message: MessageHead) {
    return withDeadline(this.handler(message), HANDLER_TIMEOUT_MS, () => {
      return new Error(`the handler did not answer within ${HANDLER_TIMEOUT_MS} ms`);
    });
  }
}
