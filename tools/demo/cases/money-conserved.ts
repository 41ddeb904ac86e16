import { countMoney, type MoneyReport } from '../conservation.js';
import { assertHolds, type CaseContext, type DemoCase } from '../demo-case.js';
import { assertUnheardOf } from './bank1-refuses.js';

/** The last word: every account against every transfer, at both banks, in one snapshot. */
export const moneyConserved: DemoCase = {
  title: 'Conservation: has any money appeared or disappeared?',

  async play(context) {
    const report = await countMoney(context.world.mysqlRootUrl);
    printReport(context, report);
    assertHolds(report.problems.length === 0, report.problems.join(' '));
    await assertEachArrivedOnce(context);
    await assertUnheardOf(context);
  },
};

function printReport({ terminal }: CaseContext, report: MoneyReport): void {
  const { opening1, opening2, sent, received, balance1, balance2, inFlight, refused, fromOthers } = report;
  terminal.line(`  bank1  opened with ${opening1}, sent ${sent}, has ${balance1}`);
  terminal.line(`  bank2  opened with ${opening2}, received ${received}, has ${balance2}`);
  const extras = [
    ['in flight', inFlight],
    ['refused by bank2', refused],
    ['received from other senders', fromOthers],
  ] as const;
  for (const [what, amount] of extras) {
    if (amount !== '0.00') terminal.line(`  ${what}: ${amount}`);
  }
}

async function assertEachArrivedOnce({ world, transfers }: CaseContext): Promise<void> {
  const { stepByStep, bothSucceed, bank1Dies, bank2FailsFirst } = transfers;
  for (const txNo of [stepByStep, bothSucceed, bank1Dies, bank2FailsFirst]) {
    const state = await world.bank2.client.transferState(txNo);
    assertHolds(
      state === 'CREDITED',
      `${txNo} should be CREDITED at bank2, and is ${state ?? 'unknown there'}.`,
    );
  }
}
