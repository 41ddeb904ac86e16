import { setTimeout as delay } from 'node:timers/promises';
import { BANK1_RESULT_CONSUMER_GROUP, BANK2_CONSUMER_GROUP } from '@txmsg/contracts';
import { RocketmqAdmin } from 'txmsg/admin';
import type { ChaosOptions } from './chaos-options.js';
import type { LogCounts } from './chaos-log.js';
import type { ChaosWorld } from './chaos-world.js';
import { planFaults, type FaultKind } from './fault-plan.js';
import { Ledger } from './ledger.js';
import { Nemesis } from './nemesis.js';
import { Random } from './random.js';
import { problemsOf, Sampler } from './sampler.js';
import { judgeTransfers, type Violation } from './verdict.js';
import { knowledgeOf, Workload, type Knowledge } from './workload.js';

/** What a run was and came to. */
export interface ChaosResults {
  readonly seed: number;
  readonly minutes: number;
  readonly transfers: Record<Knowledge, number>;
  readonly ends: { readonly completed: number; readonly refunded: number };
  readonly faults: Record<FaultKind, number>;
  readonly samples: { readonly taken: number; readonly skipped: number };
  readonly counts: LogCounts;
  /** Transfers that reconciliation has sent again, by their rows. */
  readonly transfersRepublished: number;
  readonly longestMs: number;
  /** From healed to quiet. */
  readonly quietAfterMs: number;
  readonly violations: readonly (Violation & { readonly history?: readonly string[] })[];
}

const QUIET_DEADLINE_MS = 5 * 60_000;
/** After the last fault the banks work through their backlog first, on a machine that may be busy. */
const RESOLVE_DEADLINE_MS = QUIET_DEADLINE_MS;
const POLL_MS = 500;
/** Of the transfers with a violation, so many are shown with their history. */
const HISTORIES_MAX = 5;
const FAULTS_PER_MINUTE_MIN = 6;

/** Makes the faults, heals everything, waits for quiet, and judges. */
export async function runChaos(
  { seed, minutes }: ChaosOptions,
  world: ChaosWorld,
  tell: (line: string) => void,
): Promise<ChaosResults> {
  await world.start();
  const { MYSQL_ROOT_URL } = world.environment;
  const ledger = new Ledger(MYSQL_ROOT_URL);
  await ledger.openAccounts();
  // Random numbers of its own: how many calls there are depends on the machine, and must not change the faults.
  const workload = new Workload(() => world.bank1Urls(), new Random(seed + 1));
  const sampler = new Sampler(MYSQL_ROOT_URL);
  const nemesis = new Nemesis(world, tell);
  workload.start();
  sampler.start();
  await nemesis.play(planFaults(seed, minutes), minutes * 60_000);
  await world.heal();
  const healedMs = performance.now();
  tell('Everything runs again; waiting until nothing is under way …');
  await workload.stop();
  for (const sent of workload.sent) await workload.resolve(sent, RESOLVE_DEADLINE_MS);
  const isQuiet = await untilQuiet(ledger);
  const quietAfterMs = Math.round(performance.now() - healedMs);
  await sampler.stop();

  const outgoing = await ledger.outgoing();
  const violations: Violation[] = [
    ...(isQuiet ? [] : [{ what: `it was not quiet within ${QUIET_DEADLINE_MS / 1000} s` }]),
    ...judgeTransfers(workload.sent, outgoing, await ledger.incoming()),
    ...[...new Set([...sampler.violations, ...problemsOf(await sampler.audit())])].map(aboutTransfer),
    ...(await ledger.overdrawn()).map((what) => ({ what })),
    ...(await ledger.deadLetters()).map((what) => ({ what: `dead letter: ${what}` })),
    ...(await brokersDeadLetters(world.environment.ROCKETMQ_NAMESRV)),
    ...world.unexpectedEnds.map((what) => ({ what })),
    ...judgeRun(nemesis.counts, sampler, minutes),
  ];
  const results: ChaosResults = {
    seed,
    minutes,
    transfers: countBy(workload.sent.map(knowledgeOf)),
    ends: {
      completed: outgoing.filter(({ state }) => state === 'COMPLETED').length,
      refunded: outgoing.filter(({ state }) => state === 'REFUNDED').length,
    },
    faults: nemesis.counts,
    samples: { taken: sampler.taken, skipped: sampler.skipped },
    counts: world.log.counts,
    transfersRepublished: outgoing.filter(({ republished }) => republished > 0).length,
    longestMs: Math.max(0, ...outgoing.map(({ tookMs }) => tookMs)),
    quietAfterMs,
    violations: await withHistories(violations, workload, ledger, world),
  };
  await ledger.close();
  return results;
}

async function untilQuiet(ledger: Ledger): Promise<boolean> {
  const endsAtMs = Date.now() + QUIET_DEADLINE_MS;
  while (Date.now() < endsAtMs) {
    if ((await ledger.underWay()) === 0) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** A run that disturbed nothing, or looked at nothing, proves nothing. */
function judgeRun(faults: Record<FaultKind, number>, sampler: Sampler, minutes: number): Violation[] {
  const made = faults.kill + faults.freeze + faults.wipe;
  return [
    ...(made >= FAULTS_PER_MINUTE_MIN * minutes ? [] : [{ what: `only ${made} faults were made` }]),
    ...(faults.wipe === 1 ? [] : [{ what: "the broker's store was not deleted" }]),
    ...(sampler.taken >= minutes ? [] : [{ what: `only ${sampler.taken} samples could be taken` }]),
  ];
}

/** Where RocketMQ puts what it has given up delivering. */
async function brokersDeadLetters(namesrv: string): Promise<Violation[]> {
  const admin = new RocketmqAdmin({ namesrv, timeoutMs: 15_000 });
  try {
    const violations: Violation[] = [];
    for (const group of [BANK2_CONSUMER_GROUP, BANK1_RESULT_CONSUMER_GROUP]) {
      const messages = await admin.messagesEver(`%DLQ%${group}`);
      if (messages > 0)
        violations.push({ what: `the broker has put ${messages} messages of ${group} aside` });
    }
    return violations;
  } finally {
    admin.close();
  }
}

/** The audit's sentences name the transfer, where there is one. */
function aboutTransfer(what: string): Violation {
  const txNo = /Transfer (chaos-\d+-\d+) /.exec(what)?.[1];
  return txNo === undefined ? { what } : { what, txNo };
}

async function withHistories(
  violations: readonly Violation[],
  workload: Workload,
  ledger: Ledger,
  world: ChaosWorld,
): Promise<ChaosResults['violations']> {
  const shown = new Set<string>();
  const all: (Violation & { readonly history?: readonly string[] })[] = [];
  for (const violation of violations) {
    const { txNo } = violation;
    if (txNo === undefined || shown.has(txNo) || shown.size === HISTORIES_MAX) {
      all.push(violation);
      continue;
    }
    shown.add(txNo);
    const answers = workload.sent.find(({ order }) => order.txNo === txNo)?.statuses ?? [];
    const history = [
      `the caller was answered: ${answers.map((status) => status ?? 'nothing').join(', ')}`,
      ...(await ledger.rowsAbout(txNo)),
      ...world.log.linesAbout(txNo),
    ];
    all.push({ ...violation, history });
  }
  return all;
}

function countBy(all: readonly Knowledge[]): Record<Knowledge, number> {
  const counts = { DEBITED: 0, REFUSED: 0, NOTHING_DONE: 0, UNKNOWN: 0 };
  for (const one of all) counts[one] += 1;
  return counts;
}
