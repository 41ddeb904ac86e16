import type { HalfMessage, TransactionResolution } from '../../broker/index.js';
import { Deadline } from '../../deadline/index.js';
import { BrokerNotReadyError, HalfMessageForgottenError } from '../../errors/index.js';
import { BackOff } from '../back-off.js';
import type { ResolutionLedger } from '../resolution.ledger.js';
import { isWorthRepeating, toBrokerError } from './remoting-error.mapper.js';
import { RefusedRequestError } from './remoting.errors.js';
import type { HalfMessageReceipt, RemotingSender } from './remoting.sender.js';

const OPERATION = 'ending the half message';
/** One try is cut off early enough for another one. */
const TRY_TIMEOUT_MS = 3_000;
/** EndTransactionProcessor of 5.4.0, where the store holds another message at that place, or none. */
const FORGOTTEN = /Find prepared transaction message|offset wrong|producer group wrong/;

/**
 * A stored half message. A try without an answer is repeated: the broker obeys every COMMIT that it gets, so the
 * message may then come twice. After an answer nothing is sent any more.
 * Test: remoting-half-message.spec.ts.
 */
export class RemotingHalfMessage implements HalfMessage {
  private isEnded = false;

  constructor(
    private readonly topic: string,
    private readonly receipt: HalfMessageReceipt,
    private readonly sender: Pick<RemotingSender, 'end'>,
    private readonly ledger: ResolutionLedger,
    private readonly closing: AbortSignal,
  ) {}

  get messageId(): string {
    return this.receipt.messageId;
  }

  async end(resolution: TransactionResolution, timeoutMs: number): Promise<void> {
    this.ledger.decide(this.messageId, resolution);
    if (this.isEnded) return;
    const deadline = Deadline.in(timeoutMs);
    let failure = await this.tryToEnd(resolution, Math.min(TRY_TIMEOUT_MS, timeoutMs));
    if (failure === undefined) return;
    const backOff = new BackOff(100, 1_000);
    while (isWorthRepeating(failure) || failure instanceof BrokerNotReadyError) {
      await backOff.pause(this.closing, deadline.remainingMs());
      if (deadline.hasPassed() || this.closing.aborted) break;
      failure = await this.tryToEnd(resolution, Math.min(TRY_TIMEOUT_MS, deadline.remainingMs()));
      if (failure === undefined) return;
    }
    throw this.toBrokerError(failure, timeoutMs);
  }

  private async tryToEnd(resolution: TransactionResolution, timeoutMs: number): Promise<unknown> {
    try {
      await this.sender.end(this.receipt, resolution, false, timeoutMs);
      this.isEnded = true;
      return undefined;
    } catch (error) {
      return error;
    }
  }

  private toBrokerError(failure: unknown, timeoutMs: number): Error {
    if (failure instanceof RefusedRequestError && FORGOTTEN.test(failure.remark)) {
      return new HalfMessageForgottenError(this.topic, { cause: failure });
    }
    return toBrokerError(failure, OPERATION, this.topic, timeoutMs);
  }
}
