import { Injectable } from '@nestjs/common';
import { ProblemCode, SEATA_BANK2_PREFIX } from '@txmsg/contracts';
import { BranchClient } from '@txmsg/service/seata';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import { TransferRefusedError, type TransferOrder } from './transfer.js';

/**
 * What bank2 refuses for good, by the code of its problem document. TX_NO_CONFLICT is not among it: that is a credit of an
 * earlier global transaction with this txNo, whose rollback bank2 has yet to do.
 */
const REFUSALS: readonly unknown[] = [
  ProblemCode.ACCOUNT_NOT_FOUND,
  ProblemCode.ACCOUNT_FROZEN,
  ProblemCode.BALANCE_OVERFLOW,
] satisfies ProblemCode[];

/** Asks seata-bank2 to take part in the open global transaction. */
@Injectable()
export class Bank2Client {
  private readonly bank2: BranchClient;

  constructor({ bank2Url, peerSharedSecret }: SeataBank1Settings) {
    this.bank2 = new BranchClient({
      name: 'bank2',
      url: bank2Url,
      // A 200 of somebody else, who makes no branch, would commit a debit without a credit.
      sharedSecret: peerSharedSecret,
      secretName: 'PEER_SHARED_SECRET',
    });
  }

  /** @throws TransferRefusedError; PeerUnansweredError when bank2 may or may not have taken part: roll back */
  async credit({ txNo, pattern, toAccountNo, amount }: TransferOrder): Promise<void> {
    const answer = await this.bank2.ask({
      path: `/${SEATA_BANK2_PREFIX}/${pattern.toLowerCase()}/credits`,
      body: { txNo, accountNo: toAccountNo, amount },
    });
    if (answer.status === 200) return;
    const { code, detail } = (answer.body ?? {}) as { readonly code?: unknown; readonly detail?: unknown };
    if (REFUSALS.includes(code)) {
      throw new TransferRefusedError(code as ProblemCode, `Bank2 refuses it: ${String(detail)}`);
    }
    throw this.bank2.unanswered(answer, `the credit of ${txNo}`);
  }
}
