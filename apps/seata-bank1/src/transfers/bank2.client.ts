import { Injectable } from '@nestjs/common';
import { ProblemCode, SEATA_BANK2_PREFIX } from '@txmsg/contracts';
import { currentGlobalTransaction, NoGlobalTransactionError, xidHeaders } from '@txmsg/seata';
import { PeerClient } from '@txmsg/service';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import { TransferRefusedError, type TransferOrder } from './transfer.js';

/** What bank2 refuses for good, by the code of its problem document. */
const REFUSALS: readonly unknown[] = [
  ProblemCode.ACCOUNT_NOT_FOUND,
  ProblemCode.ACCOUNT_FROZEN,
  ProblemCode.BALANCE_OVERFLOW,
  ProblemCode.TX_NO_CONFLICT,
] satisfies ProblemCode[];

/** Asks seata-bank2 to take part in the open global transaction. */
@Injectable()
export class Bank2Client {
  private readonly peer: PeerClient;

  constructor({ bank2Url }: SeataBank1Settings) {
    this.peer = new PeerClient({
      name: 'bank2',
      url: bank2Url,
      // The answer decides nothing: a credit without a branch is no credit, and the coordinator knows the branches.
      sharedSecret: undefined,
      secretName: 'none',
    });
  }

  /** @throws TransferRefusedError; PeerUnansweredError when bank2 may or may not have taken part: roll back */
  async credit({ txNo, pattern, toAccountNo, amount }: TransferOrder): Promise<void> {
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError('Bank2Client.credit');
    const path = `/${SEATA_BANK2_PREFIX}/${pattern.toLowerCase()}/credits`;
    await global.branch(async (deadline) => {
      const answer = await this.peer.ask(path, {
        body: { txNo, accountNo: toAccountNo, amount },
        headers: xidHeaders(),
        timeoutMs: deadline.remainingMs(),
      });
      if (answer.status === 200) return;
      const { code, detail } = (answer.body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
      if (REFUSALS.includes(code)) {
        throw new TransferRefusedError(code as ProblemCode, `Bank2 refuses it: ${String(detail)}`);
      }
      throw this.peer.unanswered(answer, `the credit of ${txNo}`);
    });
  }
}
