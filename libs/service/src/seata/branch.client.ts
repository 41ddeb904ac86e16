import { ProblemCode } from '@txmsg/contracts';
import { currentGlobalTransaction, NoGlobalTransactionError, xidHeaders } from '@txmsg/seata';
import {
  PeerClient,
  PeerUnansweredError,
  type PeerAnswer,
  type PeerClientOptions,
} from '../peer/peer.client.js';

/**
 * The other service has something with this txNo: of an earlier call, which it has yet to undo, or of somebody else. This call
 * changed nothing there.
 */
export class TxNoInUseError extends PeerUnansweredError {}

/** What another service is asked to do in the open global transaction. */
export interface BranchOrder {
  /** Below the service's address, with its prefix; encoded. */
  readonly path: string;
  /** Sent as JSON, and what the receipt must repeat. */
  readonly body: Readonly<Record<string, string>>;
  /** Sent as JSON besides; no receipt has it. @default nothing */
  readonly secret?: Readonly<Record<string, string>>;
}

/**
 * Asks another service of ours to take part in the open global transaction. Its 200 commits what this service has done, so
 * it must be a receipt for this order in this global transaction: an answer of somebody else, or about what another one
 * asked for, is no answer.
 */
export class BranchClient {
  private readonly peer: PeerClient;

  constructor(options: PeerClientOptions) {
    this.peer = new PeerClient(options);
  }

  /**
   * @returns 200 with the order's receipt, or any other status: for the caller to read
   * @throws PeerUnansweredError when the other service may or may not have taken part: roll back
   */
  async ask({ path, body, secret }: BranchOrder): Promise<PeerAnswer> {
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError('BranchClient.ask');
    return global.branch(async (deadline) => {
      const answer = await this.peer.ask(path, {
        body: { ...body, ...secret },
        headers: xidHeaders(),
        timeoutMs: deadline.remainingMs(),
      });
      if (answer.status === 200) refuseOtherReceipt(answer, { xid: global.xid, ...body });
      return answer;
    });
  }

  /** An answer that is no receipt and no refusal that the caller knows, as the error to throw: of a txNo in use, TxNoInUseError. */
  unanswered(answer: PeerAnswer, about: string): PeerUnansweredError {
    const error = this.peer.unanswered(answer, about);
    const { code } = (answer.body ?? {}) as { readonly code?: unknown };
    return code === ProblemCode.TX_NO_CONFLICT ? new TxNoInUseError(error.message) : error;
  }
}

function refuseOtherReceipt({ url, body }: PeerAnswer, order: Readonly<Record<string, string>>): void {
  const receipt = (body ?? {}) as Readonly<Record<string, unknown>>;
  const other = Object.keys(order).filter((field) => receipt[field] !== order[field]);
  if (other.length === 0) return;
  throw new PeerUnansweredError(
    `${url} answered 200, and not with a receipt for what was asked: its ${other.join(', ')} ${other.length === 1 ? 'is' : 'are'} missing or another one`,
  );
}
