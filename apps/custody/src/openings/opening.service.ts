import { Injectable, Logger } from '@nestjs/common';
import { isSameCustodyRequest, ProblemCode, type CustodyRequestContents } from '@txmsg/contracts';
import { BoundedRead, ProblemException, txNoConflict } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import type { OpeningDocument, UnknownOpening } from './opening.document.js';
import type { OpeningFaultPoint } from './opening.fault-points.js';
import { OpeningLedger } from './opening.ledger.js';
import { OpeningStore, type AcceptOutcome } from './opening.store.js';

const COMMITTED: OpeningFaultPoint = 'service:opening.committed';

/** Accepts requests for accounts. Any call may be repeated with its requestNo: there is one request, and one decision. */
@Injectable()
export class OpeningService {
  private readonly logger = new Logger(OpeningService.name);

  constructor(
    private readonly store: OpeningStore,
    private readonly ledger: OpeningLedger,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async open(request: CustodyRequestContents): Promise<OpeningDocument | UnknownOpening> {
    const { requestNo, userId, name } = request;
    if ((await this.tryToAccept(request)) !== 'STORED') return this.answerFromRow(request);
    await this.faults.at(COMMITTED, { txNo: requestNo });
    return { requestNo, userId, name, status: 'PROCESSING', custodyAccountNo: null, reason: null };
  }

  /** @throws ProblemException when there is none, or the database is away */
  async find(requestNo: string): Promise<OpeningDocument> {
    const row = await this.read.run((manager) => this.ledger.find(requestNo, manager));
    if (row !== undefined) return row;
    throw new ProblemException(
      ProblemCode.CUSTODY_REQUEST_NOT_FOUND,
      `There is no request "${requestNo}" at the custody bank.`,
      { txNo: requestNo },
    );
  }

  private async tryToAccept(request: CustodyRequestContents): Promise<AcceptOutcome> {
    try {
      return await this.store.accept(request);
    } catch (error) {
      throw nothingDone(request.requestNo, error);
    }
  }

  /**
   * When the answer to COMMIT was lost, and when another call used the number: the row says which. While it cannot be read,
   * the answer is UNKNOWN and not 503, which would say that nothing was done.
   */
  private async answerFromRow(request: CustodyRequestContents): Promise<OpeningDocument | UnknownOpening> {
    const { requestNo } = request;
    let row: OpeningDocument | undefined;
    try {
      row = await this.read.run((manager) => this.ledger.findCommitted(requestNo, manager));
    } catch (error) {
      this.logger.warn(`Whether a request was accepted is not known yet: ${String(error)}`, {
        txNo: requestNo,
      });
      return { requestNo, status: 'UNKNOWN' };
    }
    if (row === undefined) throw nothingDone(requestNo);
    if (!isSameCustodyRequest(row, request)) throw txNoConflict({ txNo: requestNo, what: 'request' });
    return row;
  }
}

/** Only for calls that stored nothing and will store nothing. */
function nothingDone(txNo: string, cause?: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'This call stored no request and will store none. Repeat it later with the same requestNo, above all when an earlier ' +
      'call with it is still unknown.',
    { txNo, cause, headers: { 'retry-after': '1' } },
  );
}
