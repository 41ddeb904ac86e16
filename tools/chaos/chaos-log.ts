import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../../e2e/kit/service-process.js';
import type { InstanceTarget } from './fault-plan.js';

/** What the services' logs say happened, counted while they run. */
export interface LogCounts {
  readonly checkBacks: Record<'COMMIT' | 'ROLLBACK' | 'UNKNOWN', number>;
  /** Deliveries of a message that was delivered before. */
  redeliveries: number;
  duplicatesDropped: number;
  deadLetters: number;
  /** By reconciliation: sent again, or ended by what the other service said. */
  republished: number;
  settled: number;
}

/** Keeps the services' logs in files, one for each instance, and counts what is worth counting. */
export class ChaosLog {
  readonly counts: LogCounts = {
    checkBacks: { COMMIT: 0, ROLLBACK: 0, UNKNOWN: 0 },
    redeliveries: 0,
    duplicatesDropped: 0,
    deadLetters: 0,
    republished: 0,
    settled: 0,
  };

  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  add(target: InstanceTarget, line: LogLine): void {
    appendFileSync(join(this.directory, `${target}.log`), `${JSON.stringify(line)}\n`);
    this.count(line);
  }

  /** Every line that names this txNo, by time; the instance stands in front. */
  linesAbout(txNo: string): string[] {
    const name = JSON.stringify(txNo);
    const found = readdirSync(this.directory).flatMap((file) =>
      readFileSync(join(this.directory, file), 'utf8')
        .split('\n')
        .filter((text) => text.includes(name))
        .map((text) => ({ file, text, line: JSON.parse(text) as { timestamp?: number } })),
    );
    found.sort((a, b) => Number(a.line.timestamp) - Number(b.line.timestamp));
    return found.map(({ file, text, line: { timestamp } }) => {
      const time = timestamp === undefined ? '' : new Date(timestamp).toISOString();
      return `${time} ${file.replace('.log', '')} ${text}`;
    });
  }

  private count({ message, answer, deliveryAttempt }: LogLine): void {
    const { counts } = this;
    if (message === 'check-back answered') counts.checkBacks[answer as keyof LogCounts['checkBacks']] += 1;
    if (message.startsWith('check-back answered UNKNOWN')) counts.checkBacks.UNKNOWN += 1;
    if (message === 'message consumed: DUPLICATE') counts.duplicatesDropped += 1;
    if (message.startsWith('message stored as dead letter')) counts.deadLetters += 1;
    if (message === 'Reconciliation: republished.') counts.republished += 1;
    if (message === 'Reconciliation: settled.') counts.settled += 1;
    const isDelivery = /^message (consumed|ignored|comes again|stored)/.test(message);
    if (isDelivery && Number(deliveryAttempt) > 1) counts.redeliveries += 1;
  }
}
