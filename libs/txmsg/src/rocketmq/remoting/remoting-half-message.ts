import type { HalfMessage, OutgoingMessage, TransactionResolution } from '../../broker/index.js';
import { HalfMessageForgottenError } from '../../errors/index.js';
import type { ResolutionLedger } from '../resolution.ledger.js';
import { untilAnswered } from '../until-answered.js';
import { isWorthRepeating, toBrokerError } from './remoting-error.mapper.js';
import { RefusedRequestError } from './remoting.errors.js';
import type { HalfMessageReceipt, RemotingSender } from './remoting.sender.js';

const OPERATION = 'ending the half message';
/** EndTransactionProcessor of 5.4.0, where the store holds another message at that place, or none. */
const FORGOTTEN = /Find prepared transaction message|offset wrong|producer group wrong/;

/**
 * A stored half message. A try without an answer is repeated: the broker obeys every COMMIT that it gets, so the
 * message may then come twice. After an answer nothing is sent any more, and nothing when the broker has come to hold
 * another message in its place.
 * Test: remoting-half-message.spec.ts.
 */
export class RemotingHalfMessage implements HalfMessage {
  private isEnded = false;

  constructor(
    private readonly topic: string,
    private readonly receipt: HalfMessageReceipt,
    private readonly properties: OutgoingMessage['properties'],
    private readonly sender: Pick<RemotingSender, 'end'>,
    private readonly ledger: ResolutionLedger,
    private readonly closing: AbortSignal,
  ) {}

  get messageId(): string {
    return this.receipt.messageId;
  }

  async end(resolution: TransactionResolution, timeoutMs: number): Promise<void> {
    this.ledger.decide({ messageId: this.messageId, properties: this.properties }, resolution);
    if (this.isEnded) return;
    const { closing } = this;
    try {
      await untilAnswered((tryMs) => this.sender.end(this.receipt, resolution, false, tryMs), {
        isUnanswered: isWorthRepeating,
        timeoutMs,
        closing,
      });
    } catch (failure) {
      throw this.toBrokerError(failure, timeoutMs);
    }
    this.isEnded = true;
  }

  private toBrokerError(failure: unknown, timeoutMs: number): Error {
    if (failure instanceof RefusedRequestError && FORGOTTEN.test(failure.remark)) {
      return new HalfMessageForgottenError(this.topic, { cause: failure });
    }
    return toBrokerError(failure, OPERATION, this.topic, timeoutMs);
  }
}
