import { Injectable } from '@nestjs/common';
import {
  DEDUCTION_STATES,
  isIdentifier,
  isPayCount,
  isSameOrder,
  ProblemCode,
  RefusalReason,
  type DeductionState,
  type OrderContents,
} from '@txmsg/contracts';
import { PeerClient } from '@txmsg/service';
import { OrderSettings } from '../order-settings.js';

/** What stock says about an order. */
export interface StockAnswer {
  readonly state: DeductionState;
  readonly reason: string | null;
}

/** Asks stock what it decided about an order. */
@Injectable()
export class StockClient {
  private readonly peer: PeerClient;

  constructor({ stockUrl, peerSharedSecret }: OrderSettings) {
    this.peer = new PeerClient({
      name: 'stock',
      url: stockUrl,
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /**
   * `NOT_FOUND` only for stock's own 404 document: the 404 of a proxy, or of a wrong address, says nothing about an order.
   * When the row under its txNo is that of another order, ours can never be deducted, since stock keeps the row indefinitely:
   * that is a refusal.
   *
   * @throws PeerUnansweredError
   */
  async find(order: OrderContents, signal?: AbortSignal): Promise<StockAnswer | 'NOT_FOUND'> {
    const path = `/stock/deductions/${encodeURIComponent(order.txNo)}`;
    const answer = await this.peer.ask(path, { ...(signal && { signal }) });
    const { status, body } = answer;
    if (status === 404 && isOwnNotFound(body, order.txNo)) return 'NOT_FOUND';
    if (status !== 200 || !isDeduction(body) || body.txNo !== order.txNo) {
      throw this.peer.unanswered(answer, 'the order');
    }
    if (!isSameOrder(body, order)) return { state: 'REFUSED', reason: RefusalReason.TX_NO_CONFLICT };
    return { state: body.state, reason: body.reason };
  }
}

function isOwnNotFound(body: unknown, txNo: string): boolean {
  const { code, txNo: about } = (body ?? {}) as { code?: unknown; txNo?: unknown };
  return code === ProblemCode.DEDUCTION_NOT_FOUND && about === txNo;
}

function isDeduction(body: unknown): body is OrderContents & StockAnswer {
  const { txNo, orderNo, productId, payCount, state, reason } = (body ?? {}) as Record<string, unknown>;
  return (
    [txNo, orderNo, productId].every((value) => isIdentifier(value)) &&
    isPayCount(payCount) &&
    DEDUCTION_STATES.includes(state as DeductionState) &&
    (reason === null || typeof reason === 'string')
  );
}
