import type { TransferOrder } from '../../../e2e/kit/http.js';
import type { Random } from '../random.js';
import { FROZEN_PAYEES, PAYEES, PAYERS, POOR_PAYERS, UNKNOWN_PAYEES } from './accounts.js';

/** A transfer among the accounts of `openAccounts`, of which some must be refused. */
export function orderOf(txNo: string, random: Random): Required<TransferOrder> {
  const payees = random.weighted([
    { weight: 90, of: PAYEES },
    { weight: 5, of: FROZEN_PAYEES },
    { weight: 5, of: UNKNOWN_PAYEES },
  ]);
  const accountNo = random.oneOf(random.chance(0.05) ? POOR_PAYERS : PAYERS);
  const amount = `${random.whole(0, 19)}.${String(random.whole(1, 99)).padStart(2, '0')}`;
  return { txNo, accountNo, toAccountNo: random.oneOf(payees.of), amount };
}
