import { Injectable } from '@nestjs/common';
import { isSameTransfer, TRANSFER_TOPIC, type AccountChangeMessage } from '@txmsg/contracts';
import { outcomeOfResend, Reconciliation, type ReconciliationOutcome } from '@txmsg/service';
import { DatabaseTransactions, Deadline, TransactionTemplate } from 'txmsg';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { OutgoingTransferLedger, type TransferResult } from '../transfers/outgoing-transfer.ledger.js';
import type { TransferOrder } from '../transfers/transfer-order.js';
import { Bank2Client, type Bank2Transfer } from './bank2.client.js';
import { DueTransfers, type DueTransfer } from './due-transfers.js';
import type { ReconciliationFaultPoint } from './reconciliation.fault-points.js';

const APPLY_TIMEOUT_MS = 5000;

/**
 * Ends the transfers whose message or result was lost: the broker drops a half message after its last check-back,
 * and a broker that loses its disk loses everything. Safe to run at any time, in any number of instances.
 */
@Injectable()
export class ReconciliationService extends Reconciliation<DueTransfer> {
  constructor(
    due: DueTransfers,
    private readonly bank2: Bank2Client,
    private readonly ledger: OutgoingTransferLedger,
    private readonly template: TransactionTemplate,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {
    super(due, 'bank');
  }

  /** Asks bank2, and does what follows from its answer. */
  protected async end(order: DueTransfer, signal: AbortSignal): Promise<ReconciliationOutcome> {
    const { txNo } = order;
    await this.at('claimed', { txNo });
    const found = await this.bank2.find(txNo, signal);
    await this.at('answered', { txNo });
    const done = found === 'NOT_FOUND' ? await this.republish(order) : await this.applyDecision(order, found);
    if (done !== 'postponed') await this.at(done, { txNo });
    return done;
  }

  private at(
    step: ReconciliationFaultPoint extends `service:reconciliation.${infer Step}` ? Step : never,
    context: FaultContext,
  ): Promise<void> {
    return this.faults.at(`service:reconciliation.${step}`, context);
  }

  /**
   * Ends the transfer as bank2 decided. When bank2's row under this txNo has other contents, bank2 can never credit
   * this transfer, since its tx_no is unique: the payer gets the money back, as after a refusal.
   */
  private async applyDecision(order: TransferOrder, found: Bank2Transfer): Promise<'settled'> {
    const result: TransferResult = isSameTransfer(found, order)
      ? { ...order, outcome: found.state, reason: found.reason }
      : { ...order, outcome: 'REJECTED', reason: 'TX_NO_CONFLICT' };
    const { txNo } = order;
    await this.transactions.run(
      async ({ entityManager, dropConnection }) => {
        await this.at('settle-begun', { txNo, dropConnection });
        return { decision: 'COMMIT', value: await this.ledger.apply(result, entityManager) };
      },
      {
        deadline: Deadline.in(APPLY_TIMEOUT_MS),
        beforeCommit: ({ dropConnection }) => this.at('before-settle-commit', { txNo, dropConnection }),
      },
    );
    return 'settled';
  }

  /** Sends the message again unless the transfer has ended meanwhile, which the guard's UPDATE finds out. */
  private async republish(order: TransferOrder): Promise<ReconciliationOutcome> {
    const { txNo, accountNo, toAccountNo, amount } = order;
    const message: AccountChangeMessage = { accountChange: { txNo, accountNo, toAccountNo, amount } };
    const sent = await this.template.resendMessageInTransaction(TRANSFER_TOPIC, message, {
      txNo,
      guard: async (manager) => {
        const { affectedRows } = await manager.query<{ affectedRows: number }>(
          "UPDATE outgoing_transfer SET republished = republished + 1 WHERE tx_no = ? AND state = 'DEBITED'",
          [txNo],
        );
        return affectedRows === 1;
      },
    });
    return outcomeOfResend(sent);
  }
}
