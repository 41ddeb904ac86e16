import { availableParallelism } from 'node:os';
import type { Check, CheckGroup } from './check.js';
import { ModelTable } from './model-table.js';
import type { Spin } from './spin.js';
import { judge, type Finding } from './verdict.js';

const SEARCHES_AT_ONCE_MAX = 2;

/** Runs every check and prints the table, in its order. True when each came out as expected. */
export async function runChecks(
  groups: readonly CheckGroup[],
  spin: Spin,
  print: (line: string) => void,
): Promise<boolean> {
  const table = new ModelTable(groups);
  const checks = groups.flatMap((group) => group.checks);
  const findings = new Map<Check, Finding>();
  let printed = 0;
  let allAsExpected = true;
  const printWhatIsNext = (): void => {
    for (; printed < checks.length; printed++) {
      const check = checks[printed];
      const finding = check && findings.get(check);
      if (!check || !finding) return;
      const verdict = judge(check, finding);
      allAsExpected &&= verdict.asExpected;
      const group = groups.find((candidate) => candidate.checks[0] === check);
      if (group) print(`\n${group.title}`);
      print(table.row(check, finding, verdict));
    }
  };
  print(table.heading);
  await inLanes(checks, Math.min(SEARCHES_AT_ONCE_MAX, availableParallelism()), async (check) => {
    findings.set(check, await spin.search(check));
    printWhatIsNext();
  });
  return allAsExpected;
}

/** Works on all items in their order, a few at once; the first failure ends it. */
async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
