import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { AccountChangeMessage } from '@txmsg/contracts';
import { DatabaseTransactions, Deadline, TransactionTemplate } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { Bank1Settings } from '../bank1-settings.js';
import type { TransferOrder } from '../transfers/transfer-order.js';
import { TransferSettlement, type TransferResult } from '../transfers/transfer-settlement.js';
import { Bank2Client, type Bank2Transfer } from './bank2.client.js';
import { DueTransfers } from './due-transfers.js';
import type { ReconciliationFaultPoint } from './reconciliation.fault-points.js';

/** What was done about the transfers that were due. */
export interface ReconciliationReport {
  checked: number;
  /** Ended by what bank2 says. */
  settled: number;
  /** Unknown at bank2, so their message was sent again. */
  republished: number;
  /** No answer that may be acted on; due again. */
  postponed: number;
}

const SETTLE_TIMEOUT_MS = 5000;
/** More than asking bank2 and sending again may take. */
const ONE_TRANSFER_MAX_MS = 20_000;
/** One that bank2 or the broker keeps waiting does not hold up the others. */
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
    private readonly settlement: TransferSettlement,
    private readonly template: TransactionTemplate,
    private readonly transactions: DatabaseTransactions,
    private readonly settings: Bank1Settings,
    private readonly faults: FaultInjector,
  ) {}

  /** No further transfer is begun with, and bank2 is not waited for; what is being ended or sent again, ends by itself. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** One round over what is due now. @throws when the database is away */
  async reconcile(): Promise<ReconciliationReport> {
    return this.reconcileAll(await this.due.claim());
  }

  /**
   * Looks one transfer up now, whether it is due or not; nothing is checked when it has ended.
   * @returns undefined when there is no such transfer
   * @throws when the database is away
   */
  async reconcileTransfer(txNo: string): Promise<ReconciliationReport | undefined> {
    const claimed = await this.due.claimOne(txNo);
    if (claimed === 'NOT_FOUND') return undefined;
    return this.reconcileAll(claimed === 'ENDED' ? [] : [claimed]);
  }

  private async reconcileAll(orders: readonly TransferOrder[]): Promise<ReconciliationReport> {
    const report = { checked: 0, settled: 0, republished: 0, postponed: 0 };
    const next = orders.values();
    const work = async (): Promise<void> => {
      for (const order of next) {
        if (this.stopping.signal.aborted) return;
        report.checked += 1;
        report[await this.reconcileOne(order)] += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return report;
  }

  private async reconcileOne(order: TransferOrder): Promise<'settled' | 'republished' | 'postponed'> {
    const { txNo } = order;
    try {
      const late = (): Error => new Error(`not done within ${ONE_TRANSFER_MAX_MS} ms`);
      const done = await withDeadline(this.end(order), ONE_TRANSFER_MAX_MS, late);
      this.logger.log(`Reconciliation: ${done}.`, { txNo });
      return done;
    } catch (error) {
      this.logger.warn(`Reconciliation: later. ${String(error)}`, { txNo });
      return 'postponed';
    }
  }

  private async end(order: TransferOrder): Promise<'settled' | 'republished' | 'postponed'> {
    const { txNo } = order;
    await this.at('claimed', { txNo });
    const found = await this.bank2.find(txNo, this.stopping.signal);
    await this.at('answered', { txNo });
    const done = found === 'NOT_FOUND' ? await this.republish(order) : await this.settle(order, found);
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
   * With the same contents, bank2's decision is ours. With others, bank2's unique tx_no excludes ours for ever: it
   * is given back, under the same guard as a refusal.
   */
  private async settle(order: TransferOrder, found: Bank2Transfer): Promise<'settled'> {
    const isSame =
      found.accountNo === order.accountNo &&
      found.toAccountNo === order.toAccountNo &&
      found.amount === order.amount;
    const result: TransferResult = isSame
      ? { ...order, outcome: found.state, reason: found.reason }
      : { ...order, outcome: 'REJECTED', reason: 'TX_NO_CONFLICT' };
    const { txNo } = order;
    await this.transactions.run(
      async ({ entityManager, dropConnection }) => {
        await this.at('settle-begun', { txNo, dropConnection });
        return { decision: 'COMMIT', value: await this.settlement.settle(result, entityManager) };
      },
      {
        deadline: Deadline.in(SETTLE_TIMEOUT_MS),
        beforeCommit: ({ dropConnection }) => this.at('before-settle-commit', { txNo, dropConnection }),
      },
    );
    return 'settled';
  }

  /** The guard is the update of the row: a transfer that has ended meanwhile is not sent again. */
  private async republish(order: TransferOrder): Promise<'republished' | 'settled' | 'postponed'> {
    const { txNo, accountNo, toAccountNo, amount } = order;
    const message: AccountChangeMessage = { accountChange: { txNo, accountNo, toAccountNo, amount } };
    const sent = await this.template.resendMessageInTransaction(this.settings.transferTopic, message, {
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
