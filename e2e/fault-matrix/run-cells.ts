import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from '../kit/service-process.js';
import type { Bank } from '@txmsg/contracts';
import { faults } from '../kit/faults.js';
import { rulesOf, type Cell } from './cell.js';
import { NOBODY } from './nobody.js';
import type { Stage } from './stage.js';

const AT_ONCE = 16;
const HIT_DEADLINE_MS = 60_000;

/** All of them at once through one pair of banks, which is not restarted. */
export async function runTogether(stage: Stage, cells: readonly Cell[]): Promise<void> {
  await stage.start('bank2', faults(NOBODY, ...rulesOf(cells, 'bank2')));
  await stage.start('bank1', faults(NOBODY, ...rulesOf(cells, 'bank1')));
  await prepare(stage, cells);
  const waiting = cells.values();
  const work = async (): Promise<void> => {
    for (const cell of waiting) await play(stage, cell);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/**
 * One after another, since each kills its service, and a kill that was meant for another cell could keep this one
 * from its own, or its caller from an answer; the next instance starts at once, as under a supervisor.
 */
export async function runKills(stage: Stage, service: Bank, cells: readonly Cell[]): Promise<void> {
  const supervisor = new Supervisor(stage, service, cells);
  const other = service === 'bank1' ? 'bank2' : 'bank1';
  if (other === 'bank2') await stage.start(other, faults(NOBODY));
  await supervisor.start();
  if (other === 'bank1') await stage.start(other, faults(NOBODY));
  await prepare(stage, cells);
  for (const cell of cells) {
    // A cell that is not met is named in the end.
    const hit = eventually(() => wasHit(stage, cell), { timeoutMs: HIT_DEADLINE_MS }).catch(() => undefined);
    await Promise.all([play(stage, cell), hit]);
  }
  await supervisor.finish();
}

/** Whether the service has said that it met this fault. */
export function wasHit(stage: Stage, { service, point, action, txNo }: Cell): boolean {
  return stage
    .logs(service)
    .some(
      (line) =>
        line.message === 'fault injected' &&
        line.txNo === txNo &&
        line.point === point &&
        line.action === action,
    );
}

async function play(stage: Stage, { scenario, txNo }: Cell): Promise<void> {
  // What it comes to is read from the books; a caller who is never answered shows there too.
  await scenario.play(stage, txNo).catch((error: unknown) => {
    console.error(`${txNo}: ${String(error)}`);
  });
}

async function prepare(stage: Stage, cells: readonly Cell[]): Promise<void> {
  for (const { txNo } of cells) await stage.openAccounts(txNo);
  await stage.takeTxNos(cells.filter(({ scenario }) => scenario.isTxNoUsed).map(({ txNo }) => txNo));
}

/** Starts the next instance of a service whenever one has crashed, without the faults that were met. */
class Supervisor {
  constructor(
    private readonly stage: Stage,
    private readonly service: Bank,
    private readonly cells: readonly Cell[],
  ) {}

  async start(): Promise<void> {
    const first = await this.stage.start(this.service, this.faultsLeft());
    void this.supervise(first);
  }

  /** Waits until the last instance works: one that has just reached its fault point ends a moment later. */
  async finish(): Promise<void> {
    const isReady = (): Promise<true> => this.stage.untilReady(this.service).then(() => true);
    await eventually(isReady, { timeoutMs: HIT_DEADLINE_MS });
  }

  private async supervise(first: ServiceProcess): Promise<void> {
    const PORT = new URL(first.url).port;
    for (let instance = first; ;) {
      await instance.exited;
      if (this.stage.isClosed || !this.stage.isCurrent(instance)) return;
      instance = this.stage.launch(this.service, { PORT, ...this.faultsLeft() });
    }
  }

  private faultsLeft(): Readonly<Record<string, string>> {
    const left = this.cells.filter((cell) => !wasHit(this.stage, cell));
    return faults(NOBODY, ...rulesOf(left, this.service));
  }
}
