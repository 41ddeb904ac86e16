import { setTimeout as delay } from 'node:timers/promises';
import { describeDisagreement, type Disagreement } from '@txmsg/bank/audit';
import type { Figure, Violation } from './workload.js';

const PAUSE_MS = 3000;

/** Looks again and again, during the run, whether all the money is there. */
export class Sampler {
  private audited = 0;
  /** How often the books could not be read, which says nothing about the money. */
  private skipped = 0;
  /** Every disagreement that was found, with its time. */
  private readonly problems: string[] = [];
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /**
   * @param audit - resolves with a sentence for each disagreement; rejects when the books cannot be read
   * @param away - what is away then, for the report
   */
  constructor(
    private readonly audit: () => Promise<readonly string[]>,
    private readonly away: string,
  ) {}

  start(): void {
    this.running = this.sampleUntilStopped();
  }

  /**
   * Ends it, with a last look at rest.
   * @param minutes - for each of which the books must have been read at least once
   * @param aboutOne - finds the txNo in a sentence
   */
  async judge(minutes: number, aboutOne: RegExp): Promise<Violation[]> {
    this.stopping.abort();
    await this.running;
    const problems = new Set([...this.problems, ...(await this.audit())]);
    return [
      ...[...problems].map((what) => aboutTxNo(what, aboutOne)),
      ...(this.audited >= minutes ? [] : [{ what: `only ${this.audited} audits could be made` }]),
    ];
  }

  figures(): Figure[] {
    return [
      ['  audits during the run', this.audited],
      [`  skipped: ${this.away} away`, this.skipped],
    ];
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
      const problems = await this.audit();
      this.audited += 1;
      this.problems.push(...problems.map((problem) => `${new Date().toISOString()} ${problem}`));
    } catch {
      this.skipped += 1;
    }
  }
}

/** One sentence for each disagreement. There are no foreign senders here, and the audit is told of none. */
export function problemsOf({
  disagreements,
}: {
  readonly disagreements: { readonly listed: readonly Disagreement[] };
}): string[] {
  return disagreements.listed.map(describeDisagreement);
}

function aboutTxNo(what: string, pattern: RegExp): Violation {
  const txNo = pattern.exec(what)?.[1];
  return txNo === undefined ? { what } : { what, txNo };
}
