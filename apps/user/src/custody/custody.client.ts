import { Injectable } from '@nestjs/common';
import {
  CUSTODY_STATUSES,
  CustodyRefusal,
  isIdentifier,
  isSameCustodyRequest,
  ProblemCode,
  type CustodyRequestContents,
  type CustodyStatus,
} from '@txmsg/contracts';
import { PeerClient, type PeerAnswer } from '@txmsg/service';
import { UserSettings } from '../user-settings.js';
import type { CustodyAnswer } from './custody-request.js';
import { custodyNotConfigured } from './custody.problems.js';

interface StatusDocument extends CustodyRequestContents {
  readonly status: CustodyStatus;
  readonly custodyAccountNo: string | null;
  readonly reason: string | null;
}

/** Asks custody for an account, and what became of a request. */
@Injectable()
export class CustodyClient {
  private readonly peer: PeerClient | undefined;

  constructor({ custodyUrl, peerSharedSecret }: UserSettings) {
    if (custodyUrl === undefined) return;
    this.peer = new PeerClient({
      name: 'custody',
      url: custodyUrl,
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /** @throws ProblemException when this service was not told where custody is */
  requireConfigured(): PeerClient {
    if (this.peer === undefined) throw custodyNotConfigured('CUSTODY_URL');
    return this.peer;
  }

  /**
   * May be repeated: under one requestNo custody has one request. 409 says that it has another one there, which it keeps
   * indefinitely, so that ours can never be accepted: that is a refusal.
   * @throws PeerUnansweredError: whether custody has the request is not known
   */
  async send(request: CustodyRequestContents, signal?: AbortSignal): Promise<CustodyAnswer> {
    const { requestNo, userId, name } = request;
    const peer = this.requireConfigured();
    const answer = await peer.ask('/custody/accounts', { body: { requestNo, userId, name }, signal });
    if (answer.status === 409 && isAbout(answer.body, ProblemCode.TX_NO_CONFLICT, requestNo)) {
      return refused(requestNo);
    }
    return this.readStatus(answer, 202, request);
  }

  /**
   * `NOT_FOUND` only for custody's own 404 document: the 404 of a proxy, or of a wrong address, says nothing.
   * @throws PeerUnansweredError
   */
  async find(request: CustodyRequestContents, signal?: AbortSignal): Promise<CustodyAnswer | 'NOT_FOUND'> {
    const { requestNo } = request;
    const path = `/custody/requests/${encodeURIComponent(requestNo)}`;
    const answer = await this.requireConfigured().ask(path, { signal });
    const isUnknown = isAbout(answer.body, ProblemCode.CUSTODY_REQUEST_NOT_FOUND, requestNo);
    if (answer.status === 404 && isUnknown) return 'NOT_FOUND';
    return this.readStatus(answer, 200, request);
  }

  private readStatus(
    answer: PeerAnswer,
    expected: 200 | 202,
    request: CustodyRequestContents,
  ): CustodyAnswer {
    const { status, body } = answer;
    if (status !== expected || !isStatusDocument(body) || body.requestNo !== request.requestNo) {
      throw this.requireConfigured().unanswered(answer, 'the request');
    }
    if (!isSameCustodyRequest(body, request)) return refused(request.requestNo);
    if (body.status === 'PROCESSING') return 'PROCESSING';
    const { requestNo, custodyAccountNo, reason } = body;
    return { requestNo, status: body.status, custodyAccountNo, reason };
  }
}

function refused(requestNo: string): CustodyAnswer {
  const reason = CustodyRefusal.REQUEST_NO_CONFLICT;
  return { requestNo, status: 'REFUSED', custodyAccountNo: null, reason };
}

function isAbout(body: unknown, code: ProblemCode, requestNo: string): boolean {
  const problem = (body ?? {}) as { code?: unknown; txNo?: unknown };
  return problem.code === code && problem.txNo === requestNo;
}

function isStatusDocument(body: unknown): body is StatusDocument {
  const document = (body ?? {}) as Record<string, unknown>;
  const { requestNo, userId, name, status, custodyAccountNo, reason } = document;
  return (
    [requestNo, userId].every((value) => isIdentifier(value)) &&
    typeof name === 'string' &&
    CUSTODY_STATUSES.includes(status as CustodyStatus) &&
    (status === 'OPENED' ? isIdentifier(custodyAccountNo) : custodyAccountNo === null) &&
    (reason === null || (typeof reason === 'string' && reason.length <= 255))
  );
}
