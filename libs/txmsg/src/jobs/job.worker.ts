import { Logger } from '@nestjs/common';
import { isInfrastructureFailure } from '../broker/index.js';
import { isSchemaMismatch } from '../database/index.js';
import { BackgroundLoop, Deadline, waitAtMost, withDeadline } from '../deadline/index.js';
import { JobPostponedError } from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import { withinCarried, type JobTelemetry } from '../telemetry/index.js';
import type { RegisteredDurableJob } from './durable-job.registry.js';
import type { JobStep, StepOutcome } from './job.step.js';
import { LEASE_SECONDS, type ClaimedJob, type JobStore } from './job.store.js';

/** How often it looks for due jobs without a wake-up: those of another instance, or whose lease or pause has ended. */
const SCAN_INTERVAL_MS = 1000;
/** A job that goes on for longer is given back, so that others which wait get a turn. */
const TURN_MAX_MS = 10_000;
const TROUBLE_PAUSE_MAX_MS = 5000;
/** A migration may take minutes; a mistake in a statement must not keep the place of other jobs meanwhile. */
const SCHEMA_PAUSE_MS = 30_000;

/** What became of a step, for the turn that it belongs to. */
type TurnStep = StepOutcome | 'ENDED' | { readonly trouble: string };

/**
 * Works on the jobs of one kind: claims due ones and makes their steps, one after another. Any number of workers may run, in
 * any number of processes. When a process crashes, its jobs go on elsewhere when their leases end, from their last stored
 * step.
 */
export class JobWorker {
  private readonly logger = new Logger(JobWorker.name);
  private readonly loop = new BackgroundLoop();
  private readonly turns = new Set<Promise<void>>();

  constructor(
    private readonly job: RegisteredDurableJob,
    private readonly store: JobStore,
    private readonly step: JobStep,
    private readonly faults: FaultInjector,
    private readonly telemetry: JobTelemetry,
    private readonly scanIntervalMs = SCAN_INTERVAL_MS,
  ) {}

  start(): void {
    this.loop.start(() => this.claim());
  }

  /** Looks for due jobs now instead of at the next interval. */
  wake(): void {
    this.loop.wake();
  }

  /** Begins no further step, and gives the jobs back whose step ends within `timeoutMs`; others wait for their leases' end. */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    await this.loop.stop(timeoutMs);
    await waitAtMost(Promise.all(this.turns), deadline.remainingMs());
  }

  /** Answers with the pause before the next round. Never throws. */
  private async claim(): Promise<number> {
    const free = this.job.concurrency - this.turns.size;
    // A turn that ends wakes the loop.
    if (free <= 0) return this.scanIntervalMs;
    try {
      const claims = await this.store.claim(this.job.kind, free);
      for (const claim of claims) this.begin(claim);
    } catch (error) {
      this.logger.warn({
        message: 'durable jobs could not be claimed; it is retried',
        kind: this.job.kind,
        cause: String(error),
      });
    }
    return this.scanIntervalMs;
  }

  private begin(claim: ClaimedJob): void {
    const turn = withinCarried(claim.properties, () => this.turn(claim))
      .catch((error: unknown) => {
        // The end of the lease makes it due again.
        this.logger.warn({
          message: 'a durable job was left to its lease',
          ...told(claim),
          cause: String(error),
        });
      })
      .finally(() => {
        this.turns.delete(turn);
        this.wake();
      });
    this.turns.add(turn);
  }

  /** Steps until the job has ended or waits, its time is over, or the worker is to stop. */
  private async turn(claim: ClaimedJob): Promise<void> {
    const { signal } = this.loop;
    const end = Deadline.in(TURN_MAX_MS);
    let trouble: string | undefined;
    for (let troubles = 0; !signal.aborted && !end.hasPassed();) {
      // Whatever hangs in a step must not keep the place of other jobs; its lease keeps it from storing anything later.
      const late = (): Error => new Error(`the step did not end within ${LEASE_SECONDS} s`);
      const outcome = await withDeadline(this.makeStep(claim), LEASE_SECONDS * 1000, late);
      if (outcome === 'ENDED' || outcome === 'DONE' || outcome === 'LOST') return;
      trouble = typeof outcome === 'object' ? outcome.trouble : undefined;
      troubles = trouble === undefined ? 0 : troubles + 1;
      if (troubles > 0)
        await this.loop.pause(Math.min(TROUBLE_PAUSE_MAX_MS, 100 * 2 ** Math.min(troubles, 10)));
    }
    await this.store.giveBack(claim, trouble === undefined ? 0 : TROUBLE_PAUSE_MAX_MS, trouble);
  }

  private async makeStep(claim: ClaimedJob): Promise<TurnStep> {
    try {
      await this.faults.at('job.claimed', { txNo: claim.key });
      const outcome = await this.telemetry.step(claim.key, () =>
        this.step.make(claim, this.job.handler, this.loop.signal),
      );
      if (outcome === 'DONE') this.logger.log({ message: 'durable job done', ...told(claim) });
      return outcome;
    } catch (error) {
      return await this.failed(claim, error);
    }
  }

  /** The only place that decides what a failure of a step calls for. */
  private async failed(claim: ClaimedJob, error: unknown): Promise<TurnStep> {
    if (error instanceof JobPostponedError) {
      await this.store.giveBack(claim, error.afterMs, error.message);
      return 'ENDED';
    }
    // Whoever obeys the signal that ends the process has not failed, and others cannot be told from it.
    if (this.loop.signal.aborted) {
      const message = 'a step failed while the service shuts down; it is not counted, and made again';
      this.logger.warn({ message, ...told(claim), cause: String(error) });
      await this.store.giveBack(claim, 0);
      return 'ENDED';
    }
    const cause = String(error);
    if (isSchemaMismatch(error)) {
      const message = `a step has a statement that does not fit the tables or rights; retried in ${SCHEMA_PAUSE_MS} ms`;
      this.logger.warn({ message, ...told(claim), cause });
      await this.store.giveBack(claim, SCHEMA_PAUSE_MS, cause);
      return 'ENDED';
    }
    if (isInfrastructureFailure(error)) {
      this.logger.warn({ message: 'a step met trouble; it is retried', ...told(claim), cause });
      return { trouble: cause };
    }
    const stored = await this.store.fail(claim, cause, this.job.attemptsMax);
    if (stored?.state === 'FAILED') {
      const stack = error instanceof Error ? error.stack : undefined;
      this.logger.error({
        message: 'durable job failed; an operator must act',
        ...told(claim),
        cause,
        stack,
      });
    } else {
      const message = `a step failed ${stored?.failures ?? 'after its lease'} times; it is retried`;
      this.logger.warn({ message, ...told(claim), cause });
    }
    return 'ENDED';
  }
}

function told({ kind, key }: ClaimedJob): { readonly kind: string; readonly key: string } {
  return { kind, key };
}
