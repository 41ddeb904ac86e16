import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { reviewTxNoOf } from '@txmsg/contracts';
import { FAULT_POINTS, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { isOfJobs } from './fault-matrix/discovery.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { faults } from './kit/faults.js';
import { GatedProxy } from './kit/gated-proxy.js';
import { hasAcknowledged, Review, type Project } from './kit/review-services.js';
import type { ServiceProcess } from './kit/service-process.js';

const DEADLINE_MS = 240_000;
/** A rule that nothing meets: with it a service says in its log which points it passes. */
const WATCHED = {
  ...faults({ point: 'resolution.sent', action: 'throw', txNo: 'nobody' }),
  LOG_LEVEL: 'debug',
};
const REPAYMENT_POINTS = [
  ...FAULT_POINTS.filter(isOfJobs),
  ...(await serviceFaultPoints(undefined, ['repayment'])),
];
const TRADING_POINTS = await serviceFaultPoints(undefined, ['trading']);

describe('full-bid review', () => {
  let review: Review;
  let trading: ServiceProcess;
  const proxies: GatedProxy[] = [];
  const open = new Set<ServiceProcess>();

  const openProxy = async (): Promise<GatedProxy> => {
    const proxy = await GatedProxy.start(() => new URL(trading.url).origin);
    proxies.push(proxy);
    return proxy;
  };
  const startRepayment = async (proxy: GatedProxy, environment: Record<string, string> = WATCHED) => {
    const instance = await review.start('repayment', { TRADING_URL: proxy.url, ...environment });
    open.add(instance);
    return instance;
  };

  beforeAll(async () => {
    review = await Review.create('review');
    // It does not know where repayment is, and would only move the time at which others look.
    trading = await review.start('trading', { RECONCILE_INTERVAL_MS: '0' });
  }, DEADLINE_MS);
  afterEach(async () => {
    for (const instance of open) await instance.kill('SIGKILL');
    open.clear();
    for (const proxy of proxies.splice(0)) await proxy.close();
  });
  afterAll(async () => {
    await review.close();
  });

  it(
    'makes a plan of 20,000 instalments through three kill -9 of repayment, with two workers, and holds no message meanwhile',
    async () => {
      const project: Project = { projectId: 'large', investors: 1000, terms: 20 };
      await review.makeFull(trading, project);
      // Each worker has a gate of its own, so that it is known whom to kill.
      const workers: { proxy: GatedProxy; instance: ServiceProcess }[] = [];
      const startWorker = async (): Promise<void> => {
        const proxy = await openProxy();
        proxy.shut();
        workers.push({ proxy, instance: await startRepayment(proxy) });
      };
      await startWorker();
      await startWorker();
      const asked = (): Promise<{ proxy: GatedProxy; instance: ServiceProcess }> =>
        Promise.any(workers.map((worker) => worker.proxy.nextRequest().then(() => worker)));
      const firstAsked = asked();
      expect(await review.approve(trading, project.projectId)).toMatchObject({ status: 200 });
      await firstAsked;
      // Nobody can get a bid, so the plan cannot be made: the message is acknowledged all the same.
      await eventually(() => workers.some(({ instance }) => hasAcknowledged(instance, project.projectId)));
      const [one] = workers;
      if (one === undefined) throw new Error('no worker');
      expect(await review.plan(one.instance, project.projectId)).toMatchObject({
        state: 'PLANNING',
        instalmentsMade: 0,
        instalmentsTotal: 20_000,
      });
      for (const kill of [1, 2, 3]) {
        const made = await stepsUntil(workers, 12 * kill);
        await made.instance.kill('SIGKILL');
        open.delete(made.instance);
        workers.splice(workers.indexOf(made), 1);
        await startWorker();
        // The last time, the lease ends by itself.
        if (kill < 3) await review.endLeases();
      }
      for (const { proxy } of workers) proxy.open();
      const [survivor] = workers;
      if (survivor === undefined) throw new Error('no worker');
      expect(await review.untilReady(survivor.instance, project.projectId)).toMatchObject({
        reason: null,
        instalmentsMade: 20_000,
      });
      expect(await review.problemsOf(project)).toEqual([]);
    },
    DEADLINE_MS,
  );

  /** Lets the workers through until the plan has so many steps, and one of them waits at its gate: that one has the job. */
  async function stepsUntil(
    workers: readonly { proxy: GatedProxy; instance: ServiceProcess }[],
    steps: number,
  ): Promise<{ proxy: GatedProxy; instance: ServiceProcess }> {
    for (const { proxy } of workers) proxy.open();
    await eventually(
      async () => {
        const [job] = await review.query(
          'repayment',
          "SELECT steps FROM durable_job WHERE job_key = 'large'",
        );
        return Number(job?.steps) >= steps;
      },
      { timeoutMs: 90_000, intervalMs: 5 },
    );
    for (const { proxy } of workers) proxy.shut();
    return Promise.any(workers.map((worker) => worker.proxy.nextRequest().then(() => worker)));
  }

  it(
    'ends every plan, once, when repayment is killed at each of its fault points',
    async () => {
      const projects = REPAYMENT_POINTS.map((point, index): Project & { rule: FaultRule } => {
        const projectId = `kill-${index}`;
        const txNo = point === 'service:plan.accepted' ? reviewTxNoOf(projectId) : projectId;
        return { projectId, investors: 3, terms: 200, rule: { point, action: 'kill', txNo } };
      });
      for (const project of projects) {
        await review.makeFull(trading, project);
        expect((await review.approve(trading, project.projectId)).status).toBe(200);
      }
      const proxy = await openProxy();
      let rules = projects.map(({ rule }) => rule);
      while (rules.length > 0) {
        // It may meet its fault before it is ready.
        const instance = review.launch('repayment', { TRADING_URL: proxy.url, ...faults(...rules) });
        await instance.exited;
        const hit = instance.logs().find(({ message }) => message === 'fault injected');
        if (hit === undefined) throw new Error(`it ended without a fault: ${instance.output()}`);
        rules = rules.filter(({ point }) => point !== hit.point);
        await review.endLeases();
      }
      const survivor = await startRepayment(proxy);
      await review.endLeases();
      for (const project of projects) {
        await review.untilReady(survivor, project.projectId);
        expect(await review.problemsOf(project)).toEqual([]);
      }
    },
    DEADLINE_MS,
  );

  it(
    'approves once, and lets repayment know, when trading is killed at each of its fault points',
    async () => {
      const projects = TRADING_POINTS.map((point, index): Project & { rule: FaultRule } => {
        const projectId = `lost-${index}`;
        const rule: FaultRule = { point, action: 'kill', txNo: reviewTxNoOf(projectId) };
        return { projectId, investors: 3, terms: 2, rule };
      });
      for (const project of projects) await review.makeFull(trading, project);
      const repayment = await startRepayment(await openProxy());
      const repaymentUrl = new URL(repayment.url).origin;
      for (const { projectId, rule } of projects) {
        const settings = {
          REPAYMENT_URL: repaymentUrl,
          RECONCILE_AFTER_MS: '100',
          RECONCILE_INTERVAL_MS: '0',
        };
        const victim = await review.start('trading', { ...settings, ...faults(rule) });
        if (rule.point === 'service:review.approved') {
          await review.approve(victim, projectId).catch(() => undefined);
        } else {
          await approveWithoutMessage(projectId);
          // `settled` is passed once repayment knows the plan.
          const reconcile = (): Promise<unknown> =>
            review.post(victim, 'admin/reconciliation', { projectId }).catch(() => undefined);
          await eventually(
            async () => {
              await reconcile();
              return !victim.isRunning;
            },
            { timeoutMs: 60_000, intervalMs: 500 },
          );
        }
        await victim.exited;
        expect(victim.logs()).toContainEqual(
          expect.objectContaining({ message: 'fault injected', point: rule.point }),
        );
      }
      const survivor = await review.start('trading', {
        REPAYMENT_URL: repaymentUrl,
        RECONCILE_AFTER_MS: '100',
        RECONCILE_INTERVAL_MS: '200',
      });
      for (const { projectId } of projects) {
        await eventually(async () => (await review.approve(survivor, projectId)).status === 200);
        await review.untilReady(repayment, projectId);
      }
      for (const project of projects) expect(await review.problemsOf(project)).toEqual([]);
      // Repayment knows them all, and nothing is looked up any more.
      await eventually(async () => {
        const due = await review.query(
          'trading',
          "SELECT 1 FROM project WHERE next_check_at IS NOT NULL AND project_id LIKE 'lost-%'",
        );
        return due.length === 0;
      });
      await survivor.kill('SIGKILL');
    },
    DEADLINE_MS,
  );

  /** As if the broker had lost the message, with all that it knew of it. */
  async function approveWithoutMessage(projectId: string): Promise<void> {
    await review.query(
      'trading',
      "UPDATE project SET status = 'REPAYING', next_check_at = UTC_TIMESTAMP(3) WHERE project_id = ?",
      [projectId],
    );
  }
});
