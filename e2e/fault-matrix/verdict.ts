import { eventually } from 'txmsg/testing';
import { describeCell, type Cell } from './cell.js';
import { wasHit } from './run-cells.js';
import type { Stage } from './stage.js';

const END_DEADLINE_MS = 150_000;
const REPEATED_DEADLINE_MS = 60_000;
const POLL = { intervalMs: 300 };

/** Waits until every transfer of these cells has ended; what has not by the deadline shows in the verdict. */
export async function untilEnded(stage: Stage, cells: readonly Cell[]): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    const toldNothingDone = new Set(stage.toldNothingDone());
    const waitedFor = cells.filter(({ txNo }) => !toldNothingDone.has(txNo));
    const problems = await endProblems(stage, waitedFor);
    if (problems.size > 0) throw new Error([...problems.values()].join('\n'));
    return (await stage.ledger.pendingMessages()).length === 0;
  };
  await eventually(isOver, { timeoutMs: END_DEADLINE_MS, ...POLL }).catch(() => undefined);
}

/**
 * Those who were told that nothing was done and nothing will be, were told the truth; and they may use their txNo
 * again.
 */
export async function repeatRefused(stage: Stage, cells: readonly Cell[]): Promise<Map<string, string>> {
  const lies = new Map<string, string>();
  const refused = new Set(stage.toldNothingDone());
  for (const cell of cells.filter(({ txNo }) => refused.has(txNo))) {
    const outgoing = await stage.banks.books.outgoing(cell.txNo);
    const incoming = cell.scenario.isTxNoUsed ? undefined : await stage.banks.books.incoming(cell.txNo);
    if (outgoing !== undefined || incoming !== undefined) {
      const rows = JSON.stringify({ outgoing, incoming });
      lies.set(cell.txNo, `its caller was told that nothing was done, but there is ${rows}`);
    }
  }
  await Promise.all(
    cells
      .filter(({ txNo }) => refused.has(txNo))
      .map(async ({ scenario, txNo }) => {
        stage.answers.delete(txNo);
        await eventually(
          async () => {
            stage.answers.delete(txNo);
            await scenario.play(stage, txNo);
            return !stage.toldNothingDone().includes(txNo);
          },
          { timeoutMs: REPEATED_DEADLINE_MS, ...POLL },
        ).catch(() => undefined);
      }),
  );
  return lies;
}

/** What is wrong with each cell, by its txNo: a fault that was not met, or a transfer that did not end as it must. */
export async function cellProblems(stage: Stage, cells: readonly Cell[]): Promise<Map<string, string>> {
  const problems = await endProblems(stage, cells);
  for (const cell of cells) {
    if (!wasHit(stage, cell)) {
      const other = problems.get(cell.txNo);
      problems.set(
        cell.txNo,
        ['its fault was never met', ...(other === undefined ? [] : [other])].join('; '),
      );
    }
  }
  return problems;
}

async function endProblems(stage: Stage, cells: readonly Cell[]): Promise<Map<string, string>> {
  const { books } = stage.banks;
  const outgoing = new Map((await books.allOutgoing()).map((row) => [row.txNo, row.state]));
  const incoming = new Map((await books.allIncoming()).map((row) => [row.txNo, row.state]));
  const deadLetters = {
    bank1: new Set(await stage.ledger.deadLetters('bank1')),
    bank2: new Set(await stage.ledger.deadLetters('bank2')),
  };
  const problems = new Map<string, string>();
  for (const { scenario, txNo } of cells) {
    const decided = scenario.end === 'COMPLETED' || scenario.isTxNoUsed ? 'CREDITED' : 'REJECTED';
    const found = {
      bank1: outgoing.get(txNo),
      bank2: incoming.get(txNo),
      deadLetterAt: (['bank1', 'bank2'] as const).find((bank) => deadLetters[bank].has(txNo)),
    };
    const wanted = { bank1: scenario.end, bank2: decided, deadLetterAt: scenario.deadLetterAt };
    if (JSON.stringify(found) !== JSON.stringify(wanted)) {
      problems.set(txNo, `ended as ${JSON.stringify(found)}, not as ${JSON.stringify(wanted)}`);
    }
  }
  return problems;
}

/**
 * What the broker was told against what the barrier holds: COMMIT only for attempts that committed, and never
 * ROLLBACK for one that did. Reconciliation cannot make that good.
 */
export async function contradictedResolutions(stage: Stage): Promise<string[]> {
  const rows = new Map((await stage.ledger.attempts()).map((row) => [row.attempt, row]));
  const contradictions = new Set<string>();
  for (const line of stage.logs('bank1')) {
    const attempt = String(line.attempt);
    const told =
      line.message === 'check-back answered'
        ? String(line.answer)
        : /^half message ended with (\w+)$|^(\w+) did not reach/.exec(line.message)?.slice(1).find(Boolean);
    if (told !== 'COMMIT' && told !== 'ROLLBACK') continue;
    const outcome = rows.get(attempt)?.outcome;
    // An attempt without a row was rolled back by the process that ran it, and can no longer be anything else.
    if (told === outcome || (told === 'ROLLBACK' && outcome === undefined)) continue;
    contradictions.add(
      `${String(line.txNo)}: the broker was told ${told}, the barrier says ${outcome ?? 'nothing'}`,
    );
  }
  return [...contradictions];
}

/** Every transfer that was consumed is in the barrier of its consumer. */
export async function missingBarrierRows(stage: Stage, cells: readonly Cell[]): Promise<string[]> {
  const { consumerGroup, resultConsumerGroup } = stage.banks;
  const atBank2 = await stage.ledger.done('bank2', consumerGroup);
  const atBank1 = await stage.ledger.done('bank1', resultConsumerGroup);
  return cells
    .filter(({ scenario }) => scenario.usesBroker)
    .filter(({ txNo }) => !atBank2.has(txNo) || !atBank1.has(txNo))
    .map(describeCell);
}
