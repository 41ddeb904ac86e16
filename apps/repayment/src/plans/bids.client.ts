import { Injectable } from '@nestjs/common';
import { isIdentifier, isNormalAmount, ProblemCode, reviewTxNoOf } from '@txmsg/contracts';
import { PeerClient } from '@txmsg/service';
import { RepaymentSettings } from '../repayment-settings.js';

export interface Bid {
  readonly investorNo: string;
  readonly amount: string;
}

export interface BidPage {
  /** In the order of their investorNo. */
  readonly bids: readonly Bid[];
  /** After which the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

/** Asks trading for the bids of a project. They no longer change once it was approved, so any page may be read again. */
@Injectable()
export class BidsClient {
  private readonly peer: PeerClient;

  constructor({ tradingUrl, peerSharedSecret }: RepaymentSettings) {
    this.peer = new PeerClient({
      name: 'trading',
      url: tradingUrl,
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /**
   * `NOT_FOUND` only for trading's own 404 document: the 404 of a proxy, or of a wrong address, says nothing.
   * @throws PeerUnansweredError
   */
  async page(
    projectId: string,
    after: string | undefined,
    size: number,
    signal: AbortSignal,
  ): Promise<BidPage | 'NOT_FOUND'> {
    const query = new URLSearchParams({ limit: String(size), ...(after !== undefined && { after }) });
    const path = `/trading/projects/${encodeURIComponent(projectId)}/bids?${query.toString()}`;
    const answer = await this.peer.ask(path, { signal });
    const body = (answer.body ?? {}) as Record<string, unknown>;
    const isNotFound = body.code === ProblemCode.PROJECT_NOT_FOUND && body.txNo === reviewTxNoOf(projectId);
    if (answer.status === 404 && isNotFound) return 'NOT_FOUND';
    const page = answer.status === 200 && body.projectId === projectId ? pageOf(body, after) : undefined;
    if (page === undefined) throw this.peer.unanswered(answer, 'its bids');
    return page;
  }
}

/** Undefined when it is none: each investor comes once, behind the page before, and the next page behind this one. */
function pageOf({ items, next }: Record<string, unknown>, after: string | undefined): BidPage | undefined {
  if (!Array.isArray(items) || !items.every(isBid)) return undefined;
  const bids = items.map(({ investorNo, amount }) => ({ investorNo, amount }));
  const order = [...(after === undefined ? [] : [after]), ...bids.map(({ investorNo }) => investorNo)];
  if (order.some((one, index) => index > 0 && one <= (order[index - 1] ?? ''))) return undefined;
  if (next === null) return { bids, next: undefined };
  const last = bids.at(-1)?.investorNo;
  return last !== undefined && next === last ? { bids, next: last } : undefined;
}

function isBid(value: unknown): value is Bid {
  const { investorNo, amount } = (value ?? {}) as Record<string, unknown>;
  return isIdentifier(investorNo) && isNormalAmount(amount);
}
