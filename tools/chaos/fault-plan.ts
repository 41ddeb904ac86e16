import type { ServiceName } from '@txmsg/contracts';
import { Random } from './random.js';

/** `seata`, the coordinator, only where services need one. */
export const SERVER_TARGETS = ['mysql', 'namesrv', 'broker', 'seata'] as const;
export type ServerTarget = (typeof SERVER_TARGETS)[number];
/** One of the two instances of a service. */
export type InstanceTarget = `${ServiceName}-${'a' | 'b'}`;
export type Target = InstanceTarget | ServerTarget;

/** Two instances of each of these. */
export function instancesOf(services: readonly ServiceName[]): InstanceTarget[] {
  return services.flatMap((service): InstanceTarget[] => [`${service}-a`, `${service}-b`]);
}

/**
 * - `kill`: SIGKILL, and started again after `forMs`.
 * - `freeze`: SIGSTOP, and SIGCONT after `forMs`.
 * - `wipe`: the broker is killed and loses its whole store, topics and all.
 */
export type FaultKind = 'kill' | 'freeze' | 'wipe';

export interface PlannedFault {
  /** When it begins at the earliest, counted from the start of the run. */
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly target: Target;
  readonly forMs: number;
}

interface Weighted {
  readonly target: Target;
  readonly weight: number;
  readonly recoveryMs: number;
}

const SERVER_WEIGHTS: readonly (Weighted & { readonly target: ServerTarget })[] = [
  { target: 'mysql', weight: 2, recoveryMs: 10_000 },
  { target: 'broker', weight: 2, recoveryMs: 20_000 },
  { target: 'namesrv', weight: 1, recoveryMs: 5000 },
  { target: 'seata', weight: 4, recoveryMs: 25_000 },
];
/** Of all services together, however many there are: servers are disturbed as often as in a run with few. */
const SERVICES_WEIGHT = 12;

/** On average 5.5 s: a hundred faults in ten minutes, of which a busy machine manages more than sixty. */
const GAP_MS = { min: 2000, max: 9000 };
/** The first one waits until there is something to disturb. */
const FIRST_AT_MS = 3000;
const DOWN_MAX_MS = 6000;
const FROZEN_MAX_MS = 30_000;
const WIPE_RECOVERY_MS = 30_000;

/** The faults of a run: the same for the same seed, length and services, whatever the machine does. */
export function planFaults(
  seed: number,
  minutes: number,
  instances: readonly InstanceTarget[],
  servers: readonly ServerTarget[],
): PlannedFault[] {
  const random = new Random(seed);
  const weight = SERVICES_WEIGHT / instances.length;
  const weights = [
    ...instances.map((target): Weighted => ({ target, weight, recoveryMs: 5000 })),
    ...SERVER_WEIGHTS.filter(({ target }) => servers.includes(target)),
  ];
  const lengthMs = minutes * 60_000;
  const wipeAtMs = lengthMs * (0.35 + random.fraction() * 0.2);
  const busyUntilMs = new Map<Target, number>();
  const plan: PlannedFault[] = [];
  let isWiped = false;
  for (let atMs = FIRST_AT_MS; atMs < lengthMs; atMs += random.whole(GAP_MS.min, GAP_MS.max)) {
    if (!isWiped && atMs >= wipeAtMs) {
      isWiped = true;
      plan.push({ atMs, kind: 'wipe', target: 'broker', forMs: 0 });
      for (const target of ['broker', 'namesrv'] as const) busyUntilMs.set(target, atMs + WIPE_RECOVERY_MS);
      continue;
    }
    const free = weights.filter(({ target }) => (busyUntilMs.get(target) ?? 0) <= atMs);
    if (free.length === 0) continue;
    const { target, recoveryMs } = random.weighted(free);
    const kind = random.chance(0.6) ? 'kill' : 'freeze';
    const forMs = kind === 'kill' ? random.whole(0, DOWN_MAX_MS) : frozenMs(random);
    busyUntilMs.set(target, atMs + forMs + recoveryMs);
    plan.push({ atMs, kind, target, forMs });
  }
  return plan;
}

/** Mostly short, now and then the whole half minute. */
function frozenMs(random: Random): number {
  return Math.round(500 + random.fraction() ** 2 * (FROZEN_MAX_MS - 500));
}
