import { Injectable, Logger } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { BoundedRead, PeerUnansweredError, ProblemException } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import { userNotFound, userPending } from '../users/user.problems.js';
import { CustodyAnswers } from './custody-answers.js';
import { CustodyClient } from './custody.client.js';
import { toDocument, type CustodyAccountDocument, type UnknownCustodyRequest } from './custody.document.js';
import type { CustodyRequestFaultPoint } from './custody.fault-points.js';
import { CustodyRequestLedger } from './custody-request.ledger.js';
import { CustodyRequestStore, type RequestOutcome } from './custody-request.store.js';
import type { CustodyAnswer, CustodyRequest } from './custody-request.js';
import { custodyRequestNotFound } from './custody.problems.js';

/** The result of asking for an account, unless it is a problem. */
export type CustodyRequestAnswer =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: CustodyAccountDocument }
  | { readonly kind: 'UNKNOWN'; readonly body: UnknownCustodyRequest };

/**
 * Asks custody for accounts, one for each user. The request is stored first and custody is called afterwards: what becomes of
 * that call changes nothing about the request, since reconciliation repeats it under the same number until custody answers.
 */
@Injectable()
export class CustodyService {
  private readonly logger = new Logger(CustodyService.name);

  constructor(
    private readonly store: CustodyRequestStore,
    private readonly client: CustodyClient,
    private readonly answers: CustodyAnswers,
    private readonly ledger: CustodyRequestLedger,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async request(userId: string): Promise<CustodyRequestAnswer> {
    this.client.requireConfigured();
    const outcome = await this.tryToStore(userId);
    switch (outcome.kind) {
      case 'NO_USER':
        throw userNotFound(userId);
      case 'USER_PENDING':
        throw userPending(userId);
      case 'NOTHING_DONE':
        throw nothingDone();
      case 'UNKNOWN':
        return { kind: 'UNKNOWN', body: { userId, state: 'UNKNOWN' } };
      case 'EXISTS':
        return { kind: 'REPEATED', body: toDocument(outcome.request) };
      case 'STORED':
        return { kind: 'FIRST', body: toDocument(await this.tell(outcome.request)) };
    }
  }

  /** @throws ProblemException when nobody has asked for one, or the database is away */
  async find(userId: string): Promise<CustodyAccountDocument> {
    const request = await this.read.run((manager) => this.ledger.latestOf(userId, manager));
    if (request !== undefined) return toDocument(request);
    throw custodyRequestNotFound(`Nobody has asked for a custody account of user "${userId}".`);
  }

  private async tryToStore(userId: string): Promise<RequestOutcome> {
    try {
      return await this.store.open(userId);
    } catch (error) {
      throw nothingDone(error);
    }
  }

  /** Whatever fails from here on, the request is stored, so that no failure is the caller's. */
  private async tell(request: CustodyRequest): Promise<CustodyRequest> {
    const { requestNo } = request;
    await this.at('committed', requestNo);
    try {
      const answer = await this.client.send(request);
      await this.at('answered', requestNo);
      await this.answers.record(requestNo, answer);
      await this.at('recorded', requestNo);
      return withAnswer(request, answer);
    } catch (error) {
      const what =
        error instanceof PeerUnansweredError
          ? 'Whether custody has a request is not known'
          : "Custody's answer to a request could not be recorded";
      this.logger.warn(`${what}; it is repeated later. ${String(error)}`, { txNo: requestNo });
      return request;
    }
  }

  private at(step: 'committed' | 'answered' | 'recorded', txNo: string): Promise<void> {
    const point: CustodyRequestFaultPoint = `service:custody-request.${step}`;
    return this.faults.at(point, { txNo });
  }
}

function withAnswer(request: CustodyRequest, answer: CustodyAnswer): CustodyRequest {
  if (answer === 'PROCESSING') return { ...request, state: 'REQUESTED' };
  const { status: state, custodyAccountNo = null, reason = null } = answer;
  return { ...request, state, custodyAccountNo, reason };
}

/** Only for calls that stored nothing and will store nothing. */
function nothingDone(cause?: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'This call stored no request and will store none. Repeat it later.',
    { cause, headers: { 'retry-after': '1' } },
  );
}
