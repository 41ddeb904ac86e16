import { Injectable, Logger } from '@nestjs/common';
import { BoundedRead, sendProblem, type SendAnswer } from '@txmsg/service';
import { TRANSFER_TOPIC, type AccountChangeMessage } from '@txmsg/contracts';
import { TransactionTemplate, type TransactionSendResult } from 'txmsg';
import { activeTraceparent } from 'txmsg/building-blocks';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import type { TransferReceipt, UnknownTransfer } from './transfer.document.js';
import type { Traceparent, TransferOrder, TransferRefusal } from './transfer-order.js';
import { refusalProblem } from './transfer.problems.js';

/** The result of a transfer call, unless it is a problem. */
export type TransferAnswer = SendAnswer<TransferReceipt> & {
  readonly body: TransferReceipt | UnknownTransfer;
};

/** Makes transfers. Any call may be repeated with its txNo: the money moves once. */
@Injectable()
export class TransferService {
  private readonly logger = new Logger(TransferService.name);

  constructor(
    private readonly template: TransactionTemplate,
    private readonly read: BoundedRead,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async transfer(order: TransferOrder): Promise<TransferAnswer> {
    const result = await this.send(order);
    switch (result.state) {
      case 'UNKNOWN':
        return this.unknown(
          order.txNo,
          'COMMIT was not confirmed in time, or another call or a batch was still running',
        );
      case 'ROLLED_BACK':
        if (result.refusal === 'ALREADY_DONE') return this.repeated(order.txNo);
        throw refusalProblem(result.refusal, order);
      case 'COMMITTED':
        return result.duplicate ? this.repeated(order.txNo) : { kind: 'FIRST', body: receipt(result.result) };
    }
  }

  private async send(order: TransferOrder): Promise<TransactionSendResult<TransferOrder, TransferRefusal>> {
    const { txNo, accountNo, toAccountNo, amount } = order;
    const message: AccountChangeMessage = { accountChange: { txNo, accountNo, toAccountNo, amount } };
    try {
      // Read here, because the local transaction may be one of a batch, in whose span no caller's is active.
      const arg: Traceparent = activeTraceparent();
      return await this.template.sendMessageInTransaction(TRANSFER_TOPIC, message, { txNo, arg });
    } catch (error) {
      throw sendProblem(error, { txNo, what: 'transfer' });
    }
  }

  /**
   * The first call's result, from its row. When the row cannot be read now, the answer is UNKNOWN and not 503, which
   * would say that nothing was done.
   */
  private async repeated(txNo: string): Promise<TransferAnswer> {
    try {
      const first = await this.read.run((manager) =>
        manager.findOneByOrFail(OutgoingTransferEntity, { txNo }),
      );
      return { kind: 'REPEATED', body: receipt(first) };
    } catch (error) {
      return this.unknown(
        txNo,
        `its row could not be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  private unknown(txNo: string, why: string): TransferAnswer {
    this.logger.warn(`The outcome of a transfer is not known yet: ${why}.`, { txNo });
    return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
  }
}

/** State DEBITED even when the transfer has ended since: a repeated call gets the first call's result. */
function receipt({ txNo, accountNo, toAccountNo, amount }: TransferOrder): TransferReceipt {
  return { txNo, state: 'DEBITED', accountNo, toAccountNo, amount };
}
