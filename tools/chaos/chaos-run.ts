import { setTimeout as delay } from 'node:timers/promises';
import { serviceNamed } from '@txmsg/contracts';
import { RocketmqAdmin } from 'txmsg/admin';
import type { ChaosOptions } from './chaos-options.js';
import type { LogCounts } from './chaos-log.js';
import type { ChaosWorld } from './chaos-world.js';
import { planFaults, type FaultKind } from './fault-plan.js';
import { Nemesis } from './nemesis.js';
import type { Figure, Violation } from './workload.js';
import { createWorkload, type RunningWorkload } from './workloads.js';

/** What a run was and came to. */
export interface ChaosResults {
  readonly seed: number;
  readonly minutes: number;
  readonly figures: readonly Figure[];
  readonly faults: Record<FaultKind, number>;
  readonly counts: LogCounts;
  /** From healed to quiet. */
  readonly quietAfterMs: number;
  readonly violations: readonly (Violation & { readonly history?: readonly string[] })[];
}

const QUIET_DEADLINE_MS = 5 * 60_000;
/** After the last fault the services work through their backlog first, on a machine that may be busy. */
const RESOLVE_DEADLINE_MS = QUIET_DEADLINE_MS;
const POLL_MS = 500;
/** Of what has a violation, so much is shown with its history. */
const HISTORIES_MAX = 5;
const FAULTS_PER_MINUTE_MIN = 6;

/** Makes the faults, heals everything, waits for quiet, and judges. */
export async function runChaos(
  options: ChaosOptions,
  world: ChaosWorld,
  tell: (line: string) => void,
): Promise<ChaosResults> {
  const { seed, minutes } = options;
  await world.start();
  const { MYSQL_ROOT_URL: mysqlRootUrl } = world.environment;
  const { urlsOf, secrets } = world;
  const context = { mysqlRootUrl, urlsOf, secrets, seed, minutes };
  const workloads = options.of.map((name) => createWorkload(name, context));
  for (const workload of workloads) await workload.prepare();
  for (const workload of workloads) workload.start();
  const nemesis = new Nemesis(world, tell);
  await nemesis.play(planFaults(seed, minutes, world.names, world.serverNames), minutes * 60_000);
  await world.heal();
  const healedMs = performance.now();
  tell('Everything runs again; waiting until nothing is under way …');
  await Promise.all(workloads.map((workload) => workload.stop()));
  await Promise.all(workloads.map((workload) => workload.resolve(RESOLVE_DEADLINE_MS)));
  const isQuiet = await untilQuiet(workloads);
  const quietAfterMs = Math.round(performance.now() - healedMs);

  const violations: Violation[] = isQuiet
    ? []
    : [{ what: `it was not quiet within ${QUIET_DEADLINE_MS / 1000} s` }];
  const figures: Figure[] = [];
  for (const workload of workloads) {
    violations.push(...(await workload.judge()), ...(await brokersDeadLetters(workload, world)));
    figures.push(...(await workload.figures()));
  }
  violations.push(...world.unexpectedEnds.map((what) => ({ what })), ...judgeFaults(nemesis.counts, minutes));
  const counts = { faults: nemesis.counts, counts: world.log.counts, quietAfterMs };
  const results = { ...{ seed, minutes, figures }, ...counts };
  const told = await withHistories(violations, workloads, world);
  for (const workload of workloads) await workload.close();
  return { ...results, violations: told };
}

async function untilQuiet(workloads: readonly RunningWorkload[]): Promise<boolean> {
  const endsAtMs = Date.now() + QUIET_DEADLINE_MS;
  while (Date.now() < endsAtMs) {
    const underWay = await Promise.all(workloads.map((workload) => workload.underWay()));
    if (underWay.every((count) => count === 0)) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** A run that disturbed nothing proves nothing. */
function judgeFaults(faults: Record<FaultKind, number>, minutes: number): Violation[] {
  const made = faults.kill + faults.freeze + faults.wipe;
  return [
    ...(made >= FAULTS_PER_MINUTE_MIN * minutes ? [] : [{ what: `only ${made} faults were made` }]),
    ...(faults.wipe === 1 ? [] : [{ what: "the broker's store was not deleted" }]),
  ];
}

/** Where RocketMQ puts what it has given up delivering. */
async function brokersDeadLetters(
  { services }: RunningWorkload,
  { environment }: ChaosWorld,
): Promise<Violation[]> {
  const admin = new RocketmqAdmin({ namesrv: environment.ROCKETMQ_NAMESRV, timeoutMs: 15_000 });
  try {
    const violations: Violation[] = [];
    for (const { group } of services.flatMap((service) => serviceNamed(service).consumes)) {
      const messages = await admin.messagesEver(`%DLQ%${group}`);
      if (messages > 0)
        violations.push({ what: `the broker has put ${messages} messages of ${group} aside` });
    }
    return violations;
  } finally {
    admin.close();
  }
}

async function withHistories(
  violations: readonly Violation[],
  workloads: readonly RunningWorkload[],
  world: ChaosWorld,
): Promise<ChaosResults['violations']> {
  const shown = new Set<string>();
  const all: (Violation & { readonly history?: readonly string[] })[] = [];
  for (const violation of violations) {
    const { txNo } = violation;
    const workload = workloads.find((one) => txNo !== undefined && one.find(txNo) !== undefined);
    if (txNo === undefined || workload === undefined || shown.has(txNo) || shown.size === HISTORIES_MAX) {
      all.push(violation);
      continue;
    }
    shown.add(txNo);
    const answers = workload.find(txNo)?.statuses ?? [];
    const history = [
      `the caller was answered: ${answers.map((status) => status ?? 'nothing').join(', ')}`,
      ...(await workload.rowsAbout(txNo)),
      ...world.log.linesAbout(txNo),
    ];
    all.push({ ...violation, history });
  }
  return all;
}
