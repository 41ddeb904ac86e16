import { reviewTxNoOf } from '@txmsg/contracts';
import { waitUntil } from '../../../stack/wait-until.js';
import { meetFault } from '../../admin-call.js';
import { says } from '../../bank-log.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import type { TimelineEntry } from '../../timeline.js';
import {
  approve,
  INSTALMENTS,
  INVESTORS,
  logHint,
  makeProject,
  MONTHS,
  planNow,
  type ReviewContext,
} from '../review-context.js';

const STEP_DEADLINE_MS = 30_000;
/** The lease of a killed worker ends after 30 s. */
const PLAN_DEADLINE_MS = 120_000;
/** Repayment is killed in the step after these. */
const STEPS_BEFORE = [1, 2] as const;

/** The plan is made step by step; the worker is killed in one of them, and another goes on. */
export const killedPlan: DemoCase<ReviewContext> = {
  title: `A plan of ${INSTALMENTS} instalments, in steps; the worker is killed in the middle`,

  async play(context) {
    const { world, terminal, projectId } = context;
    await makeProject(context);
    try {
      const startMs = Date.now();
      const approval = await approveAtGate(context);
      const steps = await makeSteps(context);
      terminal.progress('Waiting for the crash of repayment …');
      const { instalmentsMade: stored } = await planNow(context);
      await meetFault(world, world.repayment, {
        point: 'service:plan.instalments-inserted',
        action: 'kill',
        txNo: projectId,
      });
      world.gate.open();
      const crashed = await world.repayment.untilEnded(STEP_DEADLINE_MS);
      const step = STEPS_BEFORE.length + 1;
      const goesOn = await goOn(context, stored);
      printTimeline(context, startMs, [
        {
          atMs: startMs,
          who: 'you',
          what: `POST /trading/projects/…/approve: ${INVESTORS} investors, ${MONTHS} months`,
        },
        ...approval,
        ...steps,
        {
          atMs: crashed.atMs,
          who: 'repayment',
          what: `killed (${crashed.how}) in step ${step}: ${MONTHS} instalments written, not committed`,
        },
        ...goesOn,
      ]);
    } finally {
      world.gate.open();
    }
  },
};

/** The message starts the plan. Repayment asks for the first bids and waits at the gate: the message is handled all the same. */
async function approveAtGate(context: ReviewContext): Promise<TimelineEntry[]> {
  const { world, projectId } = context;
  world.gate.shut();
  const before = world.gate.requests;
  const { status, body } = await approve(context);
  const answeredMs = Date.now();
  context.terminal.progress('Waiting for the plan …');
  const handled = await world.repayment.log.waitFor(reviewTxNoOf(projectId), says('message consumed: DONE'), {
    what: 'The handling of the approval',
    deadlineMs: STEP_DEADLINE_MS,
    hint: logHint(context),
  });
  await untilAsked(context, before);
  return [
    { atMs: answeredMs, who: 'trading', what: `answers ${status} ${String(body?.status)}` },
    {
      atMs: handled.timestamp,
      who: 'repayment',
      what: 'message handled: the plan is a job in its table now',
    },
  ];
}

/** Lets one step after the other through the gate. Each is stored when the next one asks for its bids. */
async function makeSteps(context: ReviewContext): Promise<TimelineEntry[]> {
  const { gate } = context.world;
  const entries: TimelineEntry[] = [];
  for (const step of STEPS_BEFORE) {
    const before = gate.requests;
    gate.open();
    gate.shut();
    await untilAsked(context, before);
    const { instalmentsMade } = await planNow(context);
    assertHolds(
      instalmentsMade === step * MONTHS,
      `After step ${step} there should be ${step * MONTHS} instalments, and there are ${instalmentsMade}.`,
    );
    const what = `step ${step} stored: ${instalmentsMade} of ${INSTALMENTS} instalments`;
    entries.push({ atMs: Date.now(), who: 'repayment', what });
  }
  return entries;
}

/** Another worker finds what was stored, waits for the end of the lease, and makes the rest. */
async function goOn(context: ReviewContext, stored: number): Promise<TimelineEntry[]> {
  const { world, terminal } = context;
  const before = world.gate.requests;
  terminal.progress('Starting another repayment …');
  await world.startAnotherRepayment().waitUntilReady();
  const readyMs = Date.now();
  const found = await planNow(context);
  assertHolds(
    found.instalmentsMade === stored,
    `${stored} instalments were stored before the crash, and there are ${found.instalmentsMade} after it.`,
  );
  terminal.progress('Waiting until the lease of the killed worker ends (30 s after its last step) …');
  await untilAsked(context, before, PLAN_DEADLINE_MS);
  const takenOverMs = Date.now();
  await untilReady(context);
  return [
    {
      atMs: readyMs,
      who: 'repayment',
      what: `another worker is ready, and finds ${stored} of ${INSTALMENTS}`,
    },
    {
      atMs: takenOverMs,
      who: 'repayment',
      what: `the lease of the killed one has ended: goes on with step ${STEPS_BEFORE.length + 1}`,
    },
    { atMs: Date.now(), who: 'repayment', what: `READY: ${INSTALMENTS} of ${INSTALMENTS} instalments` },
  ];
}

async function untilReady(context: ReviewContext): Promise<void> {
  const wait = { deadlineMs: PLAN_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  await waitUntil('The end of the plan', wait, async () => {
    const { state, instalmentsMade } = await planNow(context);
    context.terminal.progress(`Making the plan: ${instalmentsMade} of ${INSTALMENTS} instalments …`);
    return state === 'READY';
  });
}

/** Waits until repayment asks for further bids. */
function untilAsked(context: ReviewContext, before: number, deadlineMs = STEP_DEADLINE_MS): Promise<void> {
  const wait = { deadlineMs, intervalMs: 10, hint: logHint(context) };
  return waitUntil('The next step of the plan', wait, () => context.world.gate.requests > before);
}
