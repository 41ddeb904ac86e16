import { auditOneServer, describeDisagreement, type AuditReport } from '@txmsg/bank/audit';
import { assertHolds, type CaseContext, type DemoCase } from '../demo-case.js';
import { waitUntilCompleted, waitUntilCredited } from '../delivery.js';
import { assertUnheardOf } from './bank1-refuses.js';

const COMPLETION_DEADLINE_MS = 90_000;

/** The last word: every account against every transfer, at both banks, in one snapshot. */
export const moneyConserved: DemoCase = {
  title: 'Conservation: has every transfer ended, and has any money appeared or disappeared?',

  async play(context) {
    await assertAllEnded(context);
    const report = await auditOneServer(context.world.mysqlRootUrl);
    printReport(context, report);
    assertHolds(report.agrees, report.disagreements.listed.map(describeDisagreement).join(' '));
  },
};

async function assertAllEnded(context: CaseContext): Promise<void> {
  const { terminal, transfers } = context;
  const { stepByStep, bothSucceed, bank1Crashes, bank2FailsFirst } = transfers;
  const accepted = [stepByStep, bothSucceed, bank1Crashes, bank2FailsFirst];
  for (const txNo of accepted) {
    await waitUntilCredited(context, txNo, COMPLETION_DEADLINE_MS);
    await waitUntilCompleted(context, txNo, COMPLETION_DEADLINE_MS);
  }
  await assertUnheardOf(context);
  terminal.line(`  ${accepted.length} transfers are COMPLETED, and bank2 has never heard of the refused one`);
}

function printReport({ terminal }: CaseContext, { money, foreignCredits }: AuditReport): void {
  const { opening, balance, sent, received } = money;
  terminal.line(`  bank1  opened with ${opening.bank1}, sent ${sent}, has ${balance.bank1}`);
  terminal.line(`  bank2  opened with ${opening.bank2}, received ${received}, has ${balance.bank2}`);
  const extras = [
    ['in flight', money.inFlight],
    ['of that refused by bank2, not given back yet', money.refused],
    ['received without a debit', foreignCredits.sum],
  ] as const;
  for (const [what, amount] of extras) {
    if (amount !== '0.00') terminal.line(`  ${what}: ${amount}`);
  }
}
