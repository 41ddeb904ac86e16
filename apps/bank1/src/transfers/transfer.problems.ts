import { ProblemException, txNoConflict } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import type { TransferOrder, TransferRefusal } from './transfer-order.js';

/** What the local transaction refused, as the caller's problem. */
export function refusalProblem(
  refusal: Exclude<TransferRefusal, 'ALREADY_DONE'>,
  { txNo, accountNo, amount }: TransferOrder,
): ProblemException {
  switch (refusal) {
    case 'NO_SUCH_ACCOUNT':
      return new ProblemException(
        ProblemCode.ACCOUNT_NOT_FOUND,
        `There is no account "${accountNo}" at this bank.`,
        {
          txNo,
        },
      );
    case 'ACCOUNT_FROZEN':
      return new ProblemException(ProblemCode.ACCOUNT_FROZEN, `Account "${accountNo}" is frozen.`, { txNo });
    case 'INSUFFICIENT_BALANCE':
      return new ProblemException(
        ProblemCode.INSUFFICIENT_BALANCE,
        `Account "${accountNo}" holds less than ${amount}.`,
        { txNo },
      );
    case 'TX_NO_CONFLICT':
      return txNoConflict({ txNo, what: 'transfer' });
  }
}
