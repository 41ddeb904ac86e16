import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULT_ACTIONS } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { cellsOf, describeCell, isSlow, type Cell } from './fault-matrix/cell.js';
import { discoverPasses, firstOfEach, POINTS, type Discovery } from './fault-matrix/discovery.js';
import { NOBODY } from './fault-matrix/nobody.js';
import { redeliverEverything } from './fault-matrix/redelivery.js';
import { runKills, runTogether, wasHit } from './fault-matrix/run-cells.js';
import { Stage } from './fault-matrix/stage.js';
import {
  cellProblems,
  contradictedResolutions,
  missingBarrierRows,
  repeatRefused,
  untilEnded,
} from './fault-matrix/verdict.js';
import { faults } from './kit/faults.js';
import { expectMoneyConserved } from './kit/money.js';
import { overtakenTransfer } from './kit/overtaken.js';

const SETUP_DEADLINE_MS = 25 * 60_000;
const ROUNDS_MAX = 3;
const PURGE_DEADLINE_MS = 5 * 60_000;

interface Act {
  readonly stage: Stage;
  readonly cells: readonly Cell[];
  readonly problems: ReadonlyMap<string, string>;
}

/** One stage with its cells, played to the end; reconciliation leaves all but the transfers of its own cells alone. */
async function perform(
  stage: Stage,
  planned: readonly Cell[],
  run: (stage: Stage, cells: readonly Cell[]) => Promise<void>,
): Promise<Act> {
  const cells = await playUntilMet(stage, planned, run);
  const lies = await repeatRefused(stage, cells);
  await untilEnded(stage, cells);
  return { stage, cells, problems: new Map([...(await cellProblems(stage, cells)), ...lies]) };
}

/**
 * On a slow machine a transfer may pass its point on a way that has no fault any more, as when its call ran out of
 * time and a check-back finished it; then another one is sent. @returns the cells that count
 */
async function playUntilMet(
  stage: Stage,
  planned: readonly Cell[],
  run: (stage: Stage, cells: readonly Cell[]) => Promise<void>,
): Promise<Cell[]> {
  const met: Cell[] = [];
  let left = [...planned];
  for (let round = 1; left.length > 0 && round <= ROUNDS_MAX; round++) {
    if (round > 1) {
      left = left.map((cell) => ({ ...cell, txNo: `${cell.txNo}-${round}` }));
      for (const bank of ['bank1', 'bank2'] as const) await stage.stop(bank);
    }
    await run(stage, left);
    await untilEnded(stage, left);
    met.push(...left.filter((cell) => wasHit(stage, cell)));
    left = left.filter((cell) => !met.includes(cell));
  }
  return [...met, ...left];
}

/**
 * Every fault point of the code, on every service that passes it, with every action. Which service passes a point,
 * and on which way of a transfer, is seen in a first run without faults.
 */
describe('the fault matrix', () => {
  let discovery: Discovery = { passes: [], unlisted: [], stuck: ['the first run has not been made'] };
  let acts: readonly Act[] = [];
  const stages: Stage[] = [];

  beforeAll(async () => {
    const stage = await Stage.create('matrix');
    stages.push(stage);
    discovery = await discoverPasses(stage);
    const { passes } = discovery;
    const cut = cellsOf(passes, ['throw', 'hang', 'drop-connection']);
    const killed = cellsOf(firstOfEach(passes), ['kill']);
    // Stages of their own for those that wait for check-backs, redeliveries or reconciliation, or all would wait.
    const kills = (['bank1', 'bank2'] as const).flatMap((service) =>
      [true, false].map(async (slow) => {
        const cells = killed.filter((cell) => cell.service === service && isSlow(cell) === slow);
        const ownStage = await Stage.create(`${service}_kills`);
        stages.push(ownStage);
        return perform(ownStage, cells, (on, own) => runKills(on, service, own));
      }),
    );
    acts = await Promise.all([perform(stage, cut, runTogether), ...kills]);
  }, SETUP_DEADLINE_MS);
  afterAll(async () => {
    for (const stage of stages) await stage.close();
  });

  it('ends every transfer that meets no fault', () => {
    expect(discovery.stuck).toEqual([]);
  });

  it('lists every point that a bank passes', () => {
    expect(discovery.unlisted).toEqual([]);
  });

  describe.each(POINTS)('%s', (point) => {
    it('is passed by some service', () => {
      expect(discovery.passes.filter((pass) => pass.point === point)).not.toEqual([]);
    });

    it.each(FAULT_ACTIONS)('%s: every transfer that meets it ends as it must', (action) => {
      const red = acts.flatMap(({ cells, problems }) =>
        cells
          .filter((cell) => cell.point === point && cell.action === action)
          .flatMap((cell) => {
            const problem = problems.get(cell.txNo);
            return problem === undefined ? [] : [`${describeCell(cell)}: ${problem}`];
          }),
      );
      expect(red).toEqual([]);
    });
  });

  it('keeps all the money, and both banks agree', async () => {
    for (const { stage } of acts) await expectMoneyConserved(stage.banks.books, { foreign: stage.foreign });
  });

  it('leaves no message unsent, and no transaction open', async () => {
    for (const { stage } of acts) {
      // A message that bank2 gets again may publish its result again, which is marked as published a moment later.
      await eventually(async () => {
        expect(await stage.ledger.pendingMessages()).toEqual([]);
        expect(await stage.ledger.stuckTransactions()).toEqual([]);
      });
    }
  });

  it('never tells the broker COMMIT or ROLLBACK against the database', async () => {
    for (const { stage } of acts) expect(await contradictedResolutions(stage)).toEqual([]);
  });

  it('has every consumed transfer in the barrier of its consumer', async () => {
    for (const { stage, cells } of acts) {
      // A transfer may have ended by asking bank2 while its result is still on its way.
      const areAllThere = async (): Promise<boolean> => (await missingBarrierRows(stage, cells)).length === 0;
      await eventually(areAllThere).catch(() => undefined);
      expect(await missingBarrierRows(stage, cells)).toEqual([]);
    }
  });

  it('fences a local transaction that its check-back has overtaken', async () => {
    const [act] = acts;
    if (act === undefined) throw new Error('nothing was performed');
    const { stage } = act;
    const asked = stage.instances('bank1').at(-1);
    // The slow one must not be asked about itself, or it would know better.
    const slow = await stage.banks.start('bank1', {
      ...faults(NOBODY),
      LOG_LEVEL: 'debug',
    });
    if (asked === undefined) throw new Error('no bank1 runs');
    const { order, answer } = await overtakenTransfer(stage.banks, { slow, asked }, async (txNo) => {
      await stage.openAccounts(txNo);
      return stage.order(txNo);
    });
    expect(answer.status).toBe(503);
    expect(await stage.banks.books.outgoing(order.txNo)).toBeUndefined();
    await slow.kill('SIGKILL');
  });

  it(
    'changes nothing when everything comes twice more after the barrier was purged',
    async () => {
      for (const { stage, cells } of acts) {
        const before = await booksOf(stage);
        await redeliverEverything(stage, cells);
        expect(await booksOf(stage)).toEqual(before);
        await expectMoneyConserved(stage.banks.books, { foreign: stage.foreign });
      }
    },
    PURGE_DEADLINE_MS,
  );
});

async function booksOf({ banks: { books } }: Stage): Promise<unknown> {
  return { outgoing: await books.allOutgoing(), incoming: await books.allIncoming() };
}
