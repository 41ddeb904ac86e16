import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { isSameTransfer, TRANSFER_TOPIC, type AccountChangeMessage } from '@txmsg/contracts';
import { DatabaseTransactions, Deadline, TransactionTemplate } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { OutgoingTransferLedger, type TransferResult } from '../transfers/outgoing-transfer.ledger.js';
import type { TransferOrder } from '../transfers/transfer-order.js';
import { Bank2Client, type Bank2Transfer } from './bank2.client.js';
import { DueTransfers, type DueTransfer } from './due-transfers.js';
import type { ReconciliationFaultPoint } from './reconciliation.fault-points.js';
import { inReconciliationSpan } from './reconciliation.span.js';

/** What was done about the transfers that were due. */
export interface ReconciliationReport {
  checked: number;
  /** Ended, as bank2 decided. The name is a field of the HTTP answer. */
  settled: number;
  /** Unknown at bank2, so their message was sent again. */
  republished: number;
  /** bank2 or RocketMQ gave no answer that says enough; the transfers are due again later. */
  postponed: number;
}

/** What was done about one transfer; also the last word of its log line. */
type ReconciliationOutcome = Exclude<keyof ReconciliationReport, 'checked'>;

const APPLY_TIMEOUT_MS = 5000;
/** Longer than the deadlines of asking bank2 and of sending again, together. */
const ONE_TRANSFER_MAX_MS = 20_000;
/** Transfers that are worked on at the same time, so that a slow answer about one does not delay the others. */
const AT_ONCE = 8;

/**
 * Ends the transfers whose message or result was lost: the broker drops a half message after its last check-back,
 * and a broker that loses its disk loses everything. Safe to run at any time, in any number of instances.
 */
@Injectable()
export class ReconciliationService implements OnModuleDestroy {
  private readonly logger = new Logger(ReconciliationService.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly due: DueTransfers,
    private readonly bank2: Bank2Client,
    private readonly ledger: OutgoingTransferLedger,
    private readonly template: TransactionTemplate,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {}

  /** Begins with no further transfer and waits for bank2 no longer. A transfer that is being ended or sent again is finished. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Works once on every transfer that is due now. @throws when the database is away */
  async reconcile(): Promise<ReconciliationReport> {
    return this.reconcileAll(await this.due.claim());
  }

  /**
   * Works on one transfer now, whether it is due or not. A transfer that has ended is not looked up: the report counts 0.
   * @returns undefined when there is no such transfer
   * @throws when the database is away
   */
  async reconcileTransfer(txNo: string): Promise<ReconciliationReport | undefined> {
    const claimed = await this.due.claimOne(txNo);
    if (claimed === 'NOT_FOUND') return undefined;
    return this.reconcileAll(claimed === 'ENDED' ? [] : [claimed]);
  }

  private async reconcileAll(transfers: readonly DueTransfer[]): Promise<ReconciliationReport> {
    const report = { checked: 0, settled: 0, republished: 0, postponed: 0 };
    const next = transfers.values();
    const work = async (): Promise<void> => {
      for (const transfer of next) {
        if (this.stopping.signal.aborted) return;
        report.checked += 1;
        report[await inReconciliationSpan(transfer, () => this.reconcileOne(transfer))] += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return report;
  }

  private async reconcileOne(order: TransferOrder): Promise<ReconciliationOutcome> {
    const { txNo } = order;
    try {
      const late = (): Error => new Error(`it was not done within ${ONE_TRANSFER_MAX_MS} ms`);
      const done = await withDeadline(this.end(order), ONE_TRANSFER_MAX_MS, late);
      this.logger.log(`Reconciliation: ${done}.`, { txNo });
      return done;
    } catch (error) {
      this.logger.warn(`Reconciliation failed; the transfer is due again later. ${String(error)}`, { txNo });
      return 'postponed';
    }
  }

  /** Asks bank2, and does what follows from its answer. */
  private async end(order: TransferOrder): Promise<ReconciliationOutcome> {
    const { txNo } = order;
    await this.at('claimed', { txNo });
    const found = await this.bank2.find(txNo, this.stopping.signal);
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
    switch (sent.state) {
      case 'COMMITTED':
        return 'republished';
      case 'ROLLED_BACK':
        return 'settled';
      case 'UNKNOWN':
        return 'postponed';
    }
  }
}
