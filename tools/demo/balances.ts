import { auditOneServer, describeDisagreement } from '@txmsg/bank/audit';
import { assertHolds, type CaseContext } from './demo-case.js';
import { PAYEE, PAYER } from './bank-client.js';
import { add, subtract } from './money.js';

/** What the payer has at bank1 and the payee at bank2. */
export interface Balances {
  readonly bank1: string;
  readonly bank2: string;
}

export async function readBalances({ world }: CaseContext): Promise<Balances> {
  const [bank1, bank2] = await Promise.all([
    world.bank1.client.balance(PAYER),
    world.bank2.client.balance(PAYEE),
  ]);
  return { bank1, bank2 };
}

export function printBalances({ terminal }: CaseContext, when: string, { bank1, bank2 }: Balances): void {
  terminal.line(`  ${terminal.paint('bold', when.padEnd(6))}      bank1 has ${bank1}, bank2 has ${bank2}`);
}

/**
 * Reads and prints the balances, which must have changed by exactly this. When they have not, a transfer of an
 * earlier run that was interrupted may have arrived just now: then every account must agree with its transfers.
 */
export async function assertMoved(context: CaseContext, before: Balances, amount: string): Promise<void> {
  const after = await readBalances(context);
  printBalances(context, 'after', after);
  const expected = { bank1: subtract(before.bank1, amount), bank2: add(before.bank2, amount) };
  if (after.bank1 === expected.bank1 && after.bank2 === expected.bank2) return;
  const { agrees, disagreements } = await auditOneServer(context.world.mysqlRootUrl);
  const named = disagreements.listed.map(describeDisagreement).join(' ');
  assertHolds(agrees, `The balances should be ${expected.bank1} and ${expected.bank2} now. ${named}`);
  context.terminal.line('  (Another transfer arrived meanwhile; every account agrees with its transfers.)');
}
