import { Injectable } from '@nestjs/common';
import {
  isIdentifier,
  isNormalAmount,
  ProblemCode,
  TOP_UP_RESULTS,
  type TopUpResult,
} from '@txmsg/contracts';
import { PeerClient, ProblemException } from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import type { PaymentEnd } from './top-up.js';

/** What pay says about a payment, in its own words. */
export interface Payment {
  readonly id: string;
  readonly accountNo: string;
  readonly payAmount: string;
  /** `success` and `fail` are final; any other word decides nothing. */
  readonly result: string;
}

const RESULT_LENGTH_MAX = 64;

/** Asks pay what became of a payment. */
@Injectable()
export class PayClient {
  private readonly peer: PeerClient | undefined;

  constructor({ payUrl: url, peerSharedSecret: sharedSecret }: Bank1Settings) {
    if (url === undefined) return;
    this.peer = new PeerClient({ name: 'pay', url, sharedSecret, secretName: 'PEER_SHARED_SECRET' });
  }

  /**
   * `NOT_FOUND` only for pay's own 404 document, which decides nothing: the payment may be made later.
   * @param signal - aborts the request
   * @throws PeerUnansweredError when pay gave no answer about this payment
   * @throws ProblemException PAY_NOT_CONFIGURED
   */
  async find(txNo: string, signal?: AbortSignal): Promise<Payment | 'NOT_FOUND'> {
    if (this.peer === undefined) {
      const detail = 'This bank was not told where pay is: its operator must set PAY_URL.';
      throw new ProblemException(ProblemCode.PAY_NOT_CONFIGURED, detail, { txNo });
    }
    const answer = await this.peer.ask(`/pay/payresult/${encodeURIComponent(txNo)}`, { signal });
    const { status, body } = answer;
    if (status === 200 && isPayment(body) && body.id === txNo) return body;
    if (status === 404 && isOwnNotFound(body, txNo)) return 'NOT_FOUND';
    throw this.peer.unanswered(answer, 'the payment');
  }
}

/** Undefined while nothing is final. */
export function endOf(payment: Payment): PaymentEnd | undefined {
  const { id, accountNo, payAmount, result } = payment;
  if (!TOP_UP_RESULTS.some((final) => final === result)) return undefined;
  return { txNo: id, accountNo, amount: payAmount, result: result as TopUpResult };
}

function isOwnNotFound(body: unknown, txNo: string): boolean {
  const { code, txNo: about } = (body ?? {}) as { code?: unknown; txNo?: unknown };
  return code === ProblemCode.PAYMENT_NOT_FOUND && about === txNo;
}

function isPayment(body: unknown): body is Payment {
  const { id, accountNo, payAmount, result } = (body ?? {}) as Record<string, unknown>;
  return (
    isIdentifier(id) &&
    isIdentifier(accountNo) &&
    isNormalAmount(payAmount) &&
    typeof result === 'string' &&
    result.length <= RESULT_LENGTH_MAX
  );
}
