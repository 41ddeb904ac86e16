import { Injectable } from '@nestjs/common';
import {
  isIdentifier,
  isNormalAmount,
  ProblemCode,
  TRANSFER_OUTCOMES,
  type TransferOutcome,
} from '@txmsg/contracts';
import { Bank1Settings } from '../bank1-settings.js';

/** What bank2 says about a txNo. */
export interface Bank2Transfer {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: TransferOutcome;
  readonly reason: string | null;
}

/** bank2 gave no answer that may be acted on; ask again later. */
export class Bank2UnansweredError extends Error {
  override readonly name = 'Bank2UnansweredError';
}

const TIMEOUT_MS = 3000;

/** Asks bank2 what it did with a transfer. */
@Injectable()
export class Bank2Client {
  constructor(private readonly settings: Bank1Settings) {}

  /**
   * `NOT_FOUND` only for bank2's own 404 document: a proxy's 404, or a wrong address, knows nothing about transfers.
   * @throws Bank2UnansweredError
   */
  async find(txNo: string): Promise<Bank2Transfer | 'NOT_FOUND'> {
    const url = `${this.settings.bank2Url}/bank2/transfers/${encodeURIComponent(txNo)}`;
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
      status = response.status;
      body = await response.json();
    } catch (error) {
      throw new Bank2UnansweredError(`${url} gave no answer`, { cause: error });
    }
    if (status === 200 && isTransfer(body) && body.txNo === txNo) return body;
    if (status === 404 && isOwnNotFound(body, txNo)) return 'NOT_FOUND';
    throw new Bank2UnansweredError(`${url} answered ${status}, which says nothing about the transfer`);
  }
}

function isOwnNotFound(body: unknown, txNo: string): boolean {
  const { code, txNo: about } = (body ?? {}) as { code?: unknown; txNo?: unknown };
  return code === ProblemCode.TRANSFER_NOT_FOUND && about === txNo;
}

function isTransfer(body: unknown): body is Bank2Transfer {
  const { txNo, accountNo, toAccountNo, amount, state, reason } = (body ?? {}) as Record<string, unknown>;
  return (
    [txNo, accountNo, toAccountNo].every((value) => isIdentifier(value)) &&
    isNormalAmount(amount) &&
    TRANSFER_OUTCOMES.includes(state as TransferOutcome) &&
    (reason === null || typeof reason === 'string')
  );
}
