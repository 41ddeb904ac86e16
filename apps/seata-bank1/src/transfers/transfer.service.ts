import { Injectable, Logger } from '@nestjs/common';
import { GlobalTransactions, type GlobalTransactionContext } from '@txmsg/seata';
import {
  BoundedRead,
  nothingDone,
  ProblemException,
  txNoConflict,
  TxNoInsert,
  type SendAnswer,
} from '@txmsg/service';
import { hasNotBegun, rollBackUnlessTried, rolledBack, RowNotOpenedError } from '@txmsg/service/seata';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import { TransferRefusedError, type Transfer, type TransferOrder } from './transfer.js';
import { TransferBranches } from './transfer.branches.js';
import { isSameTransfer, transferRows, type Begun } from './transfer.rows.js';

/** What became of a transfer, unless it is a problem. */
export interface TransferReceipt extends TransferOrder {
  readonly state: 'COMMITTED';
}
export type TransferAnswer = SendAnswer<TransferReceipt> & {
  readonly body: TransferReceipt | { readonly txNo: string; readonly state: 'UNKNOWN' };
};

/** The amount that fails as the original does, after bank2 was called. */
const CLASSIC_FAULT_AMOUNT = '2.00';
const BEGIN_TIMEOUT_MS = 5000;
const WHAT = 'transfer';

/** The txNo has a row of an earlier call; nothing was done under this global transaction. */
class TransferExistsError extends Error {
  constructor(readonly found: Exclude<Begun, 'BEGUN'>) {
    super('the transfer was asked for before');
  }
}

/** Makes transfers at both banks or at neither. Any call may be repeated with its txNo: the money moves once. */
@Injectable()
export class TransferService {
  private readonly logger = new Logger(TransferService.name);

  constructor(
    private readonly global: GlobalTransactions,
    private readonly transactions: DatabaseTransactions,
    private readonly read: BoundedRead,
    private readonly branches: TransferBranches,
    private readonly faults: FaultInjector,
    private readonly settings: SeataBank1Settings,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async transfer(order: TransferOrder): Promise<TransferAnswer> {
    const { txNo } = order;
    const result = await this.run(order);
    switch (result.status) {
      case 'COMMITTED':
        await this.faults.at('service:transfer.ended', { txNo });
        return { kind: 'FIRST', body: { ...order, state: 'COMMITTED' } };
      case 'UNKNOWN':
        this.logger.warn(`The outcome of a transfer is not known yet: ${String(result.cause)}.`, {
          txNo,
          xid: result.xid,
        });
        return unknown(txNo);
      case 'ROLLED_BACK':
        if (result.cause instanceof TransferExistsError) return this.existing(order, result.cause.found);
        await this.endRolledBack(txNo, result.xid);
        if (result.cause instanceof RowNotOpenedError) throw nothingDone({ txNo, what: WHAT }, result.cause);
        throw problemOf(order, result.cause);
    }
  }

  private async run(order: TransferOrder) {
    try {
      return await this.global.run((context) => this.work(order, context), {
        name: `transfer-${order.pattern}`,
      });
    } catch (error) {
      if (hasNotBegun(error)) throw nothingDone({ txNo: order.txNo, what: WHAT }, error);
      throw error;
    }
  }

  private async work(order: TransferOrder, { xid, deadline }: GlobalTransactionContext): Promise<void> {
    const { txNo, amount } = order;
    const begun = await this.begin(order, xid, deadline.atMost(BEGIN_TIMEOUT_MS));
    if (begun !== 'BEGUN') throw new TransferExistsError(begun);
    await this.faults.at('service:transfer.begun', { txNo });
    await this.branches.debit(order, xid);
    await this.faults.at('service:transfer.debited', { txNo });
    await this.branches.credit(order);
    await this.faults.at('service:transfer.credited', { txNo });
    if (this.settings.classicFaults && amount === CLASSIC_FAULT_AMOUNT) {
      throw new Error(`CLASSIC_FAULTS: a transfer of ${amount} fails after bank2 was called`);
    }
  }

  /** @throws RowNotOpenedError */
  private async begin(order: TransferOrder, xid: string, deadline: Deadline): Promise<Begun> {
    const inserting = new TxNoInsert();
    try {
      return await this.transactions.run<Begun>(
        async ({ entityManager }) => ({
          decision: 'COMMIT',
          value: await inserting.run(() => transferRows.begin(entityManager, order, xid)),
        }),
        { deadline, txNos: [order.txNo] },
      );
    } catch (error) {
      // Another call works on the row: that one, and not this, may make the transfer.
      if (inserting.mayHaveWaited(error)) return 'EXISTS';
      throw new RowNotOpenedError(WHAT, error);
    }
  }

  /** The row of an earlier call says what became of it. */
  private async existing(order: TransferOrder, found: Exclude<Begun, 'BEGUN'>): Promise<TransferAnswer> {
    const { txNo } = order;
    if (found === 'CONFLICT') throw txNoConflict({ txNo, what: WHAT });
    const row = await this.find(txNo);
    // A row that was locked has not been compared with the order yet.
    if (row !== undefined && !isSameTransfer(row, order)) throw txNoConflict({ txNo, what: WHAT });
    if (row?.state === 'COMMITTED') return { kind: 'REPEATED', body: { ...order, state: 'COMMITTED' } };
    if (row?.state === 'ROLLED_BACK') throw problemOf(order, undefined);
    return unknown(txNo);
  }

  /** Undefined also when the row cannot be read now: the answer is UNKNOWN then, and not 503, which would say that nothing was done. */
  private async find(txNo: string): Promise<Transfer | undefined> {
    try {
      return await this.read.run((manager) => transferRows.find(manager, txNo));
    } catch (error) {
      this.logger.warn(`The row of a transfer could not be read: ${String(error)}`, { txNo });
      return undefined;
    }
  }

  /** A branch that had taken effect has done it by its phase two; `TransferEnds` does it when this fails. */
  private async endRolledBack(txNo: string, xid: string): Promise<void> {
    try {
      await rollBackUnlessTried(this.transactions, transferRows, { txNo, xid });
    } catch (error) {
      this.logger.warn(`A transfer that was rolled back is still open here: ${String(error)}`, { txNo, xid });
    }
  }
}

function unknown(txNo: string): TransferAnswer {
  return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
}

/** A refusal by its own code; anything else that ended the transfer as ROLLED_BACK. */
function problemOf({ txNo }: TransferOrder, cause: unknown): ProblemException {
  if (cause instanceof TransferRefusedError) return new ProblemException(cause.code, cause.message, { txNo });
  return rolledBack({ txNo, what: WHAT, place: 'both banks' }, cause);
}
