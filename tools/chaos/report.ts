import type { ChaosResults } from './chaos-run.js';

const VIOLATIONS_SHOWN_MAX = 50;

/** The results as lines for people; the last one is the verdict. */
export function reportLines(results: ChaosResults): string[] {
  const { transfers, ends, faults, samples, counts, violations } = results;
  const rows: [string, string | number][] = [
    ['transfers: accepted (DEBITED)', transfers.DEBITED],
    ['  of these completed', ends.completed],
    ['  of these refunded', ends.refunded],
    ['transfers: refused (4xx)', transfers.REFUSED],
    ['transfers: given up after 503', transfers.NOTHING_DONE],
    ['transfers: still unknown', transfers.UNKNOWN],
    ['faults: killed', faults.kill],
    ['faults: frozen', faults.freeze],
    ["faults: broker's store deleted", faults.wipe],
    ['audits during the run', samples.taken],
    ['  skipped: MySQL was away', samples.skipped],
    ['check-backs answered COMMIT', counts.checkBacks.COMMIT],
    ['check-backs answered ROLLBACK', counts.checkBacks.ROLLBACK],
    ['check-backs answered UNKNOWN', counts.checkBacks.UNKNOWN],
    ['redeliveries', counts.redeliveries],
    ['duplicates dropped', counts.duplicatesDropped],
    ['transfers sent again', results.transfersRepublished],
    ['transfers ended by asking bank2', counts.settled],
    ['dead letters', counts.deadLetters],
    ['longest time to end', seconds(results.longestMs)],
    ['quiet after healing', seconds(results.quietAfterMs)],
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

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
