import { isSameTransfer } from '@txmsg/contracts';
import type { TransferOrder } from '../../../e2e/kit/http.js';
import { untruthTold, type Sent } from '../calls.js';
import type { Violation } from '../workload.js';
import type { IncomingRow, OutgoingRow } from './ledger.js';

export interface SentTransfer extends Sent {
  readonly order: Required<TransferOrder>;
}

/**
 * Compares what callers were told with what both banks hold at rest.
 * @param outgoing - of the workload alone
 */
export function judgeTransfers(
  sent: readonly SentTransfer[],
  outgoing: readonly OutgoingRow[],
  incoming: readonly IncomingRow[],
): Violation[] {
  const atBank1 = new Map(outgoing.map((row) => [row.txNo, row]));
  const atBank2 = new Map(incoming.map((row) => [row.txNo, row]));
  return [
    ...sent.flatMap((transfer) => judgeCaller(transfer, atBank1.get(transfer.txNo))),
    ...outgoing.flatMap((row) => judgeEnd(row, atBank2.get(row.txNo))),
    ...incoming
      .filter(({ txNo }) => !atBank1.has(txNo))
      .map(({ txNo, state }) => ({
        txNo,
        what: `${txNo} is ${state} at bank2, and bank1 knows nothing of it`,
      })),
  ];
}

/** Whether the caller was told the truth. */
function judgeCaller(sent: SentTransfer, row: OutgoingRow | undefined): Violation[] {
  const { txNo, order } = sent;
  const untruth = untruthTold(sent, row !== undefined);
  if (untruth !== undefined) return [{ txNo, what: untruth }];
  const isOther = row !== undefined && !isSameTransfer(order, row);
  return isOther ? [{ txNo, what: `${txNo} was made with other contents` }] : [];
}

/** Whether both banks ended the transfer, and in the same way. */
function judgeEnd(row: OutgoingRow, incoming: IncomingRow | undefined): Violation[] {
  const { txNo, state } = row;
  if (state === 'DEBITED') return [{ txNo, what: `${txNo} has not ended: it is still DEBITED` }];
  const expected = state === 'COMPLETED' ? 'CREDITED' : 'REJECTED';
  if (incoming?.state !== expected) {
    return [{ txNo, what: `${txNo} is ${state} at bank1 and ${incoming?.state ?? 'unknown'} at bank2` }];
  }
  return isSameTransfer(row, incoming)
    ? []
    : [{ txNo, what: `${txNo} has other contents at bank2 than at bank1` }];
}
