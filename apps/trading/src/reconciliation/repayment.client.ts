import { Injectable } from '@nestjs/common';
import { isSameReview, ProblemCode, reviewTxNoOf, type ReviewContents } from '@txmsg/contracts';
import { PeerClient } from '@txmsg/service';
import { TradingSettings } from '../trading-settings.js';

/** `OTHER_CONTENTS`: repayment has a plan of this project for something else; only people can say which is right. */
export type PlanAnswer = 'KNOWN' | 'NOT_FOUND' | 'OTHER_CONTENTS';

/** Asks repayment whether it has heard of an approval. */
@Injectable()
export class RepaymentClient {
  private readonly peer: PeerClient;

  constructor({ repaymentUrl, peerSharedSecret }: TradingSettings) {
    this.peer = new PeerClient({
      name: 'repayment',
      url: repaymentUrl,
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /**
   * `NOT_FOUND` only for repayment's own 404 document: the 404 of a proxy, or of a wrong address, says nothing about a plan.
   * @throws PeerUnansweredError
   */
  async find(review: ReviewContents, signal?: AbortSignal): Promise<PlanAnswer> {
    const { projectId } = review;
    const answer = await this.peer.ask(`/repayment/plans/${encodeURIComponent(projectId)}`, { signal });
    const body = (answer.body ?? {}) as Partial<ReviewContents> & { code?: unknown; txNo?: unknown };
    const isAboutIt = body.txNo === reviewTxNoOf(projectId);
    if (answer.status === 404 && body.code === ProblemCode.PLAN_NOT_FOUND && isAboutIt) return 'NOT_FOUND';
    if (answer.status !== 200 || body.projectId !== projectId) {
      throw this.peer.unanswered(answer, 'the plan');
    }
    return isAboutIt && isSameReview(body as ReviewContents, review) ? 'KNOWN' : 'OTHER_CONTENTS';
  }
}
