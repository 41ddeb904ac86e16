import { setTimeout as delay } from 'node:timers/promises';
import { auditOneServer, describeDisagreement, type AuditReport } from '@txmsg/bank/audit';

const PAUSE_MS = 3000;
/** A frozen MySQL answers nothing for up to half a minute. */
const SAMPLE_DEADLINE_MS = 60_000;

/** Looks again and again, during the run, whether all the money is there: both banks at one moment. */
export class Sampler {
  taken = 0;
  /** How often MySQL could not be read, which says nothing about the money. */
  skipped = 0;
  /** Every disagreement that was found, with its time. */
  readonly violations: string[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly rootUrl: string) {}

  start(): void {
    this.running = this.sampleUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** @throws AuditUnreadableError */
  audit(): Promise<AuditReport> {
    return auditOneServer(this.rootUrl, undefined, { queryTimeoutMs: SAMPLE_DEADLINE_MS });
  }

  private async sampleUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.sample();
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async sample(): Promise<void> {
    try {
      const report = await this.audit();
      this.taken += 1;
      this.violations.push(...problemsOf(report).map((problem) => `${new Date().toISOString()} ${problem}`));
    } catch {
      this.skipped += 1;
    }
  }
}

/** One sentence for each disagreement. There are no foreign senders here, and the audit is told of none. */
export function problemsOf({ disagreements }: AuditReport): string[] {
  return disagreements.listed.map(describeDisagreement);
}
