import { metrics, type Attributes, type Counter } from '@opentelemetry/api';

const PHASES = ['commit', 'rollback'] as const;
const ANSWERS = ['DONE', 'RETRY', 'NEVER'] as const;
const OUTCOMES = ['COMMITTED', 'ROLLED_BACK', 'UNKNOWN', 'NOT_BEGUN'] as const;

export type CountedPhase = (typeof PHASES)[number];
export type CountedAnswer = (typeof ANSWERS)[number];
export type CountedOutcome = (typeof OUTCOMES)[number];

/**
 * What this process has answered about branches, and how its global transactions have ended. Without an SDK nothing is
 * counted. Every series stands at 0 from the start on, so that the first of a kind is seen to be an increase.
 */
export class SeataCounters {
  private readonly branches: Counter;
  private readonly transactions: Counter;

  constructor() {
    const meter = metrics.getMeter('seata');
    this.branches = meter.createCounter('seata.branches', {
      description: 'What the coordinator was answered about phase two of branches.',
      unit: '{answer}',
    });
    this.transactions = meter.createCounter('seata.global_transactions', {
      description: 'Global transactions that this process began, or could not begin, by how they ended.',
      unit: '{transaction}',
    });
    for (const phase of PHASES) for (const answer of ANSWERS) this.answered(phase, answer, 0);
    for (const outcome of OUTCOMES) this.ended(outcome, 0);
  }

  answered(phase: CountedPhase, answer: CountedAnswer, count = 1): void {
    add(this.branches, count, { 'seata.phase': phase, 'seata.answer': answer });
  }

  ended(outcome: CountedOutcome, count = 1): void {
    add(this.transactions, count, { 'seata.outcome': outcome });
  }
}

/** A user's view or processor may throw: that must never fail a transaction. */
function add(counter: Counter, count: number, attributes: Attributes): void {
  try {
    counter.add(count, attributes);
  } catch {
    // OpenTelemetry has a log of its own.
  }
}
