import { isSameTransfer, type TwoPhasePattern } from '@txmsg/contracts';
import type { TransferOrder } from '../../../e2e/kit/http.js';
import { untruthsTold } from '../calls.js';
import type { Violation } from '../workload.js';
import type { SentTwoPhase } from './two-phase-call.js';

export interface SentTransfer extends SentTwoPhase {
  readonly kind: 'TRANSFER';
  readonly order: Required<TransferOrder>;
}

/** A transfer as bank1 has it. */
export interface TransferRow {
  readonly txNo: string;
  readonly pattern: TwoPhasePattern;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  /** The global transaction that made it, or was the last to try. */
  readonly xid: string;
  readonly state: 'OPEN' | 'COMMITTED' | 'ROLLED_BACK';
}

/** A credit as bank2 has it. */
export interface CreditRow extends Pick<TransferRow, 'txNo' | 'pattern' | 'toAccountNo' | 'amount' | 'xid'> {
  readonly state: 'RESERVED' | 'CREDITED';
}

/** Compares what callers were told with what both banks hold when every global transaction has ended. */
export function judgeTransfers(
  sent: readonly SentTransfer[],
  transfers: readonly TransferRow[],
  credits: readonly CreditRow[],
): Violation[] {
  const atBank1 = new Map(transfers.map((row) => [row.txNo, row]));
  const atBank2 = new Map(credits.map((row) => [row.txNo, row]));
  return [
    ...untruthsTold(sent, ({ txNo }) => atBank1.get(txNo)?.state === 'COMMITTED'),
    ...sent.flatMap((one) => judgeContents(one, atBank1.get(one.txNo))),
    ...transfers.flatMap((row) => judgeEnd(row, atBank2.get(row.txNo))),
    ...credits
      .filter(({ txNo }) => !atBank1.has(txNo))
      .map(({ txNo, state }) => ({ txNo, what: `${txNo} is ${state} at bank2, and unknown at bank1` })),
  ];
}

function judgeContents({ txNo, pattern, order }: SentTransfer, row: TransferRow | undefined): Violation[] {
  const isOther = row !== undefined && !(isSameTransfer(order, row) && pattern === row.pattern);
  return isOther ? [{ txNo, what: `${txNo} was made with other contents` }] : [];
}

/** Whether both banks ended it, by the same global transaction and in the same way. */
function judgeEnd(row: TransferRow, credit: CreditRow | undefined): Violation[] {
  const { txNo, state } = row;
  const split = { txNo, what: `${txNo} is ${state} at bank1 and ${credit?.state ?? 'unknown'} at bank2` };
  switch (state) {
    case 'OPEN':
      return [{ ...split, what: `${split.what}: it has not ended` }];
    case 'ROLLED_BACK':
      return credit === undefined ? [] : [split];
    case 'COMMITTED': {
      if (credit?.state !== 'CREDITED') return [split];
      const keys = ['pattern', 'toAccountNo', 'amount', 'xid'] as const;
      const isSame = keys.every((key) => row[key] === credit[key]);
      return isSame ? [] : [{ txNo, what: `${txNo} has other contents at bank2 than at bank1` }];
    }
  }
}
