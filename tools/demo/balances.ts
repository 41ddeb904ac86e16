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

/** Reads and prints the balances, which must have changed by exactly this. */
export async function assertMoved(context: CaseContext, before: Balances, amount: string): Promise<void> {
  const after = await readBalances(context);
  printBalances(context, 'after', after);
  const expected = { bank1: subtract(before.bank1, amount), bank2: add(before.bank2, amount) };
  assertHolds(
    after.bank1 === expected.bank1 && after.bank2 === expected.bank2,
    `The balances should be ${expected.bank1} and ${expected.bank2} now, unless somebody else moves money meanwhile.`,
  );
}
