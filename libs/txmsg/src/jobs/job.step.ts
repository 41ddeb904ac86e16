import { Contents } from '../barrier/index.js';
import type { DatabaseTransactions, TransactionContext } from '../database/index.js';
import { Deadline, withDeadline } from '../deadline/index.js';
import { quoted } from '../errors/cut-text.js';
import type { FaultInjector } from '../faults/index.js';
import { encodeContents } from '../limits/index.js';
import type { TxMsgSettings } from '../options/txmsg.options.js';
import type { DurableJobHandler, RunningJob, StepResult } from './durable-job.handler.js';
import type { ClaimedJob, JobProgress, JobStore } from './job.store.js';

/**
 * What became of a step.
 * - `NEXT`: there is a next one to make.
 * - `DONE`: it was the last one, and is committed.
 * - `LOST`: the job is not this claim's any more; nothing was stored.
 */
export type StepOutcome = 'NEXT' | 'DONE' | 'LOST';

/** Calls the handler in the step's transaction. */
type Work = (job: RunningJob, context: TransactionContext) => Promise<StepResult>;

/**
 * Makes one step of a claimed job. Where the job stands is read in each step's own transaction, and nothing is carried over
 * from the step before: when the answer to a COMMIT was lost, the row tells whether the step is stored.
 */
export class JobStep {
  constructor(
    private readonly store: JobStore,
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly faults: FaultInjector,
    private readonly settings: Pick<TxMsgSettings, 'handlerTimeoutMs' | 'messageLimits'>,
  ) {}

  /** @throws what the handler throws, and errors of the database: the step is not stored, or its COMMIT is unknown */
  async make(claim: ClaimedJob, handler: DurableJobHandler, signal: AbortSignal): Promise<StepOutcome> {
    if (handler.prepare === undefined) {
      return this.commit(claim, (job, { entityManager }) => handler.step(job, entityManager, undefined));
    }
    const found = await this.store.read(claim);
    if (found === undefined) return 'LOST';
    const { handlerTimeoutMs } = this.settings;
    const prepared = await withDeadline(
      handler.prepare(runningJob(claim, found), signal),
      handlerTimeoutMs,
      () => new Error(`prepare did not end within ${handlerTimeoutMs} ms (option handlerTimeoutMs)`),
    );
    await this.faults.at('job.prepared', { txNo: claim.key });
    return this.commit(
      claim,
      (job, { entityManager }) => handler.step(job, entityManager, prepared),
      found.steps,
    );
  }

  /** @param preparedFor - the number of the step that was prepared, if it was */
  private async commit(claim: ClaimedJob, work: Work, preparedFor?: number): Promise<StepOutcome> {
    const txNo = claim.key;
    const outcome = await this.transactions.run<StepOutcome>(
      async (context) => {
        const { entityManager, dropConnection } = context;
        const found = await this.store.lock(entityManager, claim);
        if (found === undefined) return { decision: 'ROLLBACK', value: 'LOST' };
        // The step before was stored after all, by a COMMIT whose answer was lost: this one is prepared anew.
        if (preparedFor !== undefined && preparedFor !== found.steps)
          return { decision: 'ROLLBACK', value: 'NEXT' };
        await this.faults.at('job.step-begun', { txNo, dropConnection });
        const result = await work(runningJob(claim, found), context);
        await this.faults.at('job.step-executed', { txNo, dropConnection });
        context.assertAlive();
        return { decision: 'COMMIT', value: await this.storeResult(result, claim, context) };
      },
      {
        deadline: Deadline.in(this.settings.handlerTimeoutMs),
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('job.before-step-commit', { txNo, dropConnection }),
        txNos: [txNo],
      },
    );
    await this.faults.at('job.step-committed', { txNo });
    return outcome;
  }

  private async storeResult(
    result: StepResult,
    claim: ClaimedJob,
    { entityManager }: TransactionContext,
  ): Promise<StepOutcome> {
    if (result === 'DONE') {
      await this.store.finish(entityManager, claim);
      return 'DONE';
    }
    const cursor: unknown = (result as { readonly next?: unknown } | undefined)?.next;
    if (typeof cursor !== 'object' || cursor === null) {
      throw new TypeError(
        `The step of kind "${claim.kind}" returned ${quoted(result)}; it must return "DONE", or { next } with a JSON object.`,
      );
    }
    const body = encodeContents(Contents.of(cursor), this.settings.messageLimits);
    await this.store.advance(entityManager, claim, body.toString('utf8'));
    return 'NEXT';
  }
}

function runningJob({ key }: ClaimedJob, { input, cursor, steps }: JobProgress): RunningJob {
  return { key, input, cursor, steps };
}
