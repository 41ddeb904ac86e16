import { Injectable, Logger } from '@nestjs/common';
import { ProblemCode, REVIEW_TOPIC, reviewTxNoOf, type ReviewMessage } from '@txmsg/contracts';
import { ProblemException, sendProblem, type SendAnswer } from '@txmsg/service';
import { TransactionTemplate, type TransactionSendResult } from 'txmsg';
import type { ProjectDocument } from '../projects/project.document.js';
import { ProjectReader } from '../projects/project.reader.js';
import type { ReviewRefusal } from './review-transaction.listener.js';
import type { ReviewReceipt } from './review.document.js';

/** The event of a project's approval, the same whenever it is made: full bids change no more. */
export function reviewOf({ projectId, amount, bidCount, terms, annualRate }: ReviewSource): ReviewMessage {
  return { txNo: reviewTxNoOf(projectId), projectId, amount, bidCount, terms, annualRate };
}

type ReviewSource = Pick<ProjectDocument, 'projectId' | 'amount' | 'bidCount' | 'terms' | 'annualRate'>;

/** Approves projects. The call may be repeated: a project is approved once, and repeated calls get the first one's answer. */
@Injectable()
export class ReviewService {
  private readonly logger = new Logger(ReviewService.name);

  constructor(
    private readonly reader: ProjectReader,
    private readonly template: TransactionTemplate,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async approve(projectId: string): Promise<SendAnswer<ReviewReceipt>> {
    const txNo = reviewTxNoOf(projectId);
    const project = await this.reader.find(projectId);
    const receipt: ReviewReceipt = { projectId, txNo, status: 'REPAYING' };
    const unknown: ReviewReceipt = { projectId, txNo, status: 'UNKNOWN' };
    if (project.status === 'REPAYING') return { kind: 'REPEATED', body: receipt };
    // No message is needed to refuse it.
    if (project.bidAmount !== project.amount) throw notFull(project);
    const sent = await this.send(reviewOf(project));
    switch (sent.state) {
      case 'UNKNOWN':
        this.logger.warn('Whether a project was approved is not known yet.', { txNo });
        return { kind: 'UNKNOWN', body: unknown };
      case 'COMMITTED':
        return { kind: sent.duplicate ? 'REPEATED' : 'FIRST', body: receipt };
      case 'ROLLED_BACK':
        if (sent.refusal === 'ALREADY_DONE') return { kind: 'REPEATED', body: receipt };
        throw notFull(project);
    }
  }

  private async send(message: ReviewMessage): Promise<TransactionSendResult<undefined, ReviewRefusal>> {
    const { txNo } = message;
    try {
      return await this.template.sendMessageInTransaction(REVIEW_TOPIC, message, { txNo });
    } catch (error) {
      throw sendProblem(error, { txNo, what: 'approval' });
    }
  }
}

function notFull({ projectId, amount, bidAmount }: ProjectDocument): ProblemException {
  return new ProblemException(
    ProblemCode.PROJECT_NOT_FULL,
    `The bids for project "${projectId}" are ${bidAmount} of ${amount}; it is approved when they are all of it.`,
    { txNo: reviewTxNoOf(projectId) },
  );
}
