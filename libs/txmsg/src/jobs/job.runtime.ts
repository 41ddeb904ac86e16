import { Inject, Injectable } from '@nestjs/common';
import { DatabaseTransactions } from '../database/index.js';
import { FaultInjector } from '../faults/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { Telemetry } from '../telemetry/index.js';
import type { RegisteredDurableJob } from './durable-job.registry.js';
import { JobStep } from './job.step.js';
import { JobStore } from './job.store.js';
import { JobWorker } from './job.worker.js';

/** The workers of this process, one for each kind. Without a kind nothing touches the table, which may be missing then. */
@Injectable()
export class JobRuntime {
  private readonly workers = new Map<string, JobWorker>();

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
    private readonly telemetry: Telemetry,
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
  ) {}

  /** The kinds that this service handles. */
  get kinds(): readonly string[] {
    return [...this.workers.keys()];
  }

  start(jobs: readonly RegisteredDurableJob[]): void {
    const store = new JobStore(this.transactions);
    const step = new JobStep(store, this.transactions, this.faults, this.settings);
    for (const job of jobs) {
      const worker = new JobWorker(job, store, step, this.faults, this.telemetry.job(job.kind));
      this.workers.set(job.kind, worker);
      worker.start();
    }
  }

  wake(kind: string): void {
    this.workers.get(kind)?.wake();
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.stop(timeoutMs)));
  }
}
