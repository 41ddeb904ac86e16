import type { ChaosResults } from './chaos-run.js';
import type { Figure } from './workload.js';

const VIOLATIONS_SHOWN_MAX = 50;

/** The results as lines for people; the last one is the verdict. */
export function reportLines(results: ChaosResults): string[] {
  const { figures, faults, counts, violations } = results;
  const rows: Figure[] = [
    ...figures,
    ['faults: killed', faults.kill],
    ['faults: frozen', faults.freeze],
    ["faults: broker's store deleted", faults.wipe],
    ['check-backs answered COMMIT', counts.checkBacks.COMMIT],
    ['check-backs answered ROLLBACK', counts.checkBacks.ROLLBACK],
    ['check-backs answered UNKNOWN', counts.checkBacks.UNKNOWN],
    ['redeliveries', counts.redeliveries],
    ['duplicates dropped', counts.duplicatesDropped],
    ['ended by asking the other service', counts.settled],
    ['dead letters', counts.deadLetters],
    ['quiet after healing', `${(results.quietAfterMs / 1000).toFixed(1)} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(9)}`),
    '',
    ...violations
      .slice(0, VIOLATIONS_SHOWN_MAX)
      .flatMap(({ what, history }) => [
        `VIOLATION: ${what}`,
        ...(history ?? []).map((line) => `    ${line}`),
      ]),
    violations.length === 0
      ? `No violation (seed ${results.seed}, ${results.minutes} minutes).`
      : `${violations.length} violations (seed ${results.seed}, ${results.minutes} minutes).`,
  ];
}
