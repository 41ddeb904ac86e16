import { BANKS } from '@txmsg/contracts';
import { FAULT_POINTS } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { faults } from '../kit/faults.js';
import type { Pass, Point } from './cell.js';
import { NOBODY } from './nobody.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { serviceFaultPoints } from './service-fault-points.js';
import type { Stage } from './stage.js';

/** Banks start no durable jobs: e2e/review.e2e-spec.ts kills a service at each of these. */
export const isOfJobs = (point: Point): boolean => point.startsWith('job.');

/** Transfers pass none of these: e2e/top-ups.e2e-spec.ts kills bank1 at each of them. */
const isOfTopUps = (point: Point): boolean => point.startsWith('service:top-up.');

/** Every point that the code of the banks announces. */
export const POINTS: readonly Point[] = [
  ...FAULT_POINTS.filter((point) => !isOfJobs(point)),
  ...(await serviceFaultPoints(undefined, BANKS)).filter((point) => !isOfTopUps(point)),
];

const QUIET_MS = 3000;
const DEADLINE_MS = 60_000;

export interface Discovery {
  readonly passes: readonly Pass[];
  /** Points that were passed and stand in no list. */
  readonly unlisted: readonly string[];
  /** The ways that did not come to an end, and why. */
  readonly stuck: readonly string[];
}

/** Lets one transfer go each way, and sees which points either bank passes there. */
export async function discoverPasses(stage: Stage): Promise<Discovery> {
  const ways = SCENARIOS.map((scenario, index) => ({ scenario, txNo: `way-${index}` }));
  const leads = ways.flatMap(({ scenario, txNo }) => scenario.lead.map((rule) => ({ ...rule, txNo })));
  await stage.start('bank2', faults(NOBODY));
  await stage.start('bank1', faults(NOBODY, ...leads));
  for (const { txNo } of ways) await stage.openAccounts(txNo);
  await stage.takeTxNos(ways.filter(({ scenario }) => scenario.isTxNoUsed).map(({ txNo }) => txNo));
  const stuck: string[] = [];
  const play = ({ scenario, txNo }: (typeof ways)[number]): Promise<void> =>
    playDiscovery(stage, scenario, txNo).catch((error: unknown) => {
      stuck.push(`${scenario.name}: ${String(error)}`);
    });
  await Promise.all(ways.map(play));
  await untilQuiet(() => passesOf(stage, ways).length);
  await Promise.all([stage.stop('bank1'), stage.stop('bank2')]);
  return { passes: passesOf(stage, ways), unlisted: unlistedOf(stage), stuck };
}

async function playDiscovery(stage: Stage, scenario: Scenario, txNo: string): Promise<void> {
  await scenario.play(stage, txNo);
  const isToldNothingDone = (): boolean => stage.toldNothingDone().includes(txNo);
  if (!isToldNothingDone()) return stage.untilEnded(txNo);
  // What is seen is the check-back of the half message that is not needed any more.
  await eventually(() => hasAnswered(stage, txNo), { timeoutMs: DEADLINE_MS });
  await stage.call(stage.order(txNo));
  await stage.untilEnded(txNo);
}

function hasAnswered(stage: Stage, txNo: string): boolean {
  return stage
    .logs('bank1')
    .some(
      (line) => line.message === 'check-back answered' && line.txNo === txNo && line.answer === 'ROLLBACK',
    );
}

/** The log is behind the databases by a moment; waits until it says nothing new. */
export async function untilQuiet(measure: () => number): Promise<void> {
  let last = { value: -1, sinceMs: 0 };
  const isQuiet = (): boolean => {
    const value = measure();
    if (value !== last.value) last = { value, sinceMs: Date.now() };
    return Date.now() - last.sinceMs > QUIET_MS;
  };
  await eventually(isQuiet, { timeoutMs: DEADLINE_MS, intervalMs: 200 });
}

function passesOf(stage: Stage, ways: readonly { scenario: Scenario; txNo: string }[]): Pass[] {
  return (['bank1', 'bank2'] as const).flatMap((service) => {
    const seen = new Set(
      stage
        .logs(service)
        .filter(({ message }) => message === 'fault point passed')
        .map(({ point, txNo }) => `${String(txNo)} ${String(point)}`),
    );
    return ways.flatMap(({ scenario, txNo }) =>
      POINTS.filter((point) => scenario.owns(service, point) && seen.has(`${txNo} ${point}`)).map(
        (point) => ({
          scenario,
          service,
          point,
        }),
      ),
    );
  });
}

function unlistedOf(stage: Stage): string[] {
  const passed = (['bank1', 'bank2'] as const)
    .flatMap((service) => stage.logs(service))
    .filter(({ message }) => message === 'fault point passed')
    .map(({ point }) => String(point));
  return [...new Set(passed)].filter((point) => !POINTS.some((listed) => listed === point));
}

/** The first way in which each service passes each point. */
export function firstOfEach(passes: readonly Pass[]): Pass[] {
  const first = new Map<string, Pass>();
  for (const pass of passes) {
    const key = `${pass.service} ${pass.point}`;
    if (!first.has(key)) first.set(key, pass);
  }
  return [...first.values()];
}
