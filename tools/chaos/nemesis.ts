import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosWorld } from './chaos-world.js';
import type { FaultKind, PlannedFault, Target } from './fault-plan.js';

/** Plays planned faults at their times; one whose target is still busy with another begins after that. */
export class Nemesis {
  readonly counts: Record<FaultKind, number> = { kill: 0, freeze: 0, wipe: 0 };
  private readonly busy = new Map<Target, Promise<void>>();
  private failure: Error | undefined;

  constructor(
    private readonly world: ChaosWorld,
    private readonly onFault: (line: string) => void,
  ) {}

  /** Resolves when the time is over and every fault has been made good. @throws when a server does not come back */
  async play(plan: readonly PlannedFault[], lengthMs: number): Promise<void> {
    const startedMs = performance.now();
    const sinceMs = (): number => performance.now() - startedMs;
    for (const fault of plan) {
      await pauseFor(fault.atMs - sinceMs());
      if (this.failure !== undefined) throw this.failure;
      const made = this.untilFree(fault).then(async () => {
        if (sinceMs() > lengthMs) return;
        this.counts[fault.kind] += 1;
        this.onFault(`${(sinceMs() / 1000).toFixed(1).padStart(7)} s  ${describe(fault)}`);
        await this.make(fault);
      });
      made.catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new Error(String(error));
      });
      for (const target of targetsOf(fault)) this.busy.set(target, made);
    }
    await pauseFor(lengthMs - sinceMs());
    await Promise.all(this.busy.values());
  }

  private async untilFree(fault: PlannedFault): Promise<void> {
    await Promise.all(targetsOf(fault).map((target) => this.busy.get(target) ?? Promise.resolve()));
  }

  private async make({ kind, target, forMs }: PlannedFault): Promise<void> {
    switch (kind) {
      case 'kill':
        await this.world.kill(target);
        await pauseFor(forMs);
        await this.world.startAgain(target);
        return;
      case 'freeze':
        await this.world.freeze(target);
        await pauseFor(forMs);
        await this.world.thaw(target);
        return;
      case 'wipe':
        await this.world.wipeBroker();
    }
  }
}

/** At once when the time is over already. */
async function pauseFor(forMs: number): Promise<void> {
  await delay(Math.max(0, forMs));
}

/** New topics need the name server too. */
function targetsOf({ kind, target }: PlannedFault): readonly Target[] {
  return kind === 'wipe' ? ['broker', 'namesrv'] : [target];
}

function describe({ kind, target, forMs }: PlannedFault): string {
  const seconds = (forMs / 1000).toFixed(1);
  switch (kind) {
    case 'kill':
      return `${target} killed, away for ${seconds} s`;
    case 'freeze':
      return `${target} frozen for ${seconds} s`;
    case 'wipe':
      return 'broker killed, and its whole store deleted';
  }
}
