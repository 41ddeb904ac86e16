import { Injectable } from '@nestjs/common';
import {
  isIdentifier,
  isNormalAmount,
  ProblemCode,
  TRANSFER_OUTCOMES,
  type TransferOutcome,
} from '@txmsg/contracts';
import { PeerClient } from '@txmsg/service';
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

/** Asks bank2 what it did with a transfer. */
@Injectable()
export class Bank2Client {
  private readonly peer: PeerClient;

  constructor({ bank2Url: url, bankSharedSecret: sharedSecret }: Bank1Settings) {
    this.peer = new PeerClient({ name: 'bank2', url, sharedSecret, secretName: 'BANK_SHARED_SECRET' });
  }

  /**
   * `NOT_FOUND` only for bank2's own 404 document.
   * @param signal - aborts the request
   * @throws PeerUnansweredError when bank2 gave no answer that says what it did; it is asked again in a later round
   */
  async find(txNo: string, signal?: AbortSignal, timeoutMs?: number): Promise<Bank2Transfer | 'NOT_FOUND'> {
    const answer = await this.peer.ask(`/bank2/transfers/${encodeURIComponent(txNo)}`, {
      signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    const { status, body } = answer;
    if (status === 200 && isTransfer(body) && body.txNo === txNo) return body;
    if (status === 404 && isOwnNotFound(body, txNo)) return 'NOT_FOUND';
    throw this.peer.unanswered(answer, 'the transfer');
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
