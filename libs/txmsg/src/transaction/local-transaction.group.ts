import type { Deadline } from '../deadline/index.js';
import type { Attempt, AttemptEnd } from './attempt.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/** Database transactions of one listener that run at once; more callers than this are grouped. */
const GROUPS_AT_ONCE_MAX = 4;

interface Waiting {
  readonly attempt: Attempt;
  readonly deadline: Deadline;
  readonly settle: (end: AttemptEnd) => void;
}

/**
 * Puts callers that wait at the same time into one database transaction. A group is what gathered while the
 * earlier ones ran: there is no timer, and a caller who comes alone goes alone at once.
 */
export class LocalTransactionGroup {
  private waiting: Waiting[] = [];
  private running = 0;

  constructor(
    private readonly listener: RegisteredTransactionListener,
    private readonly executor: LocalTransactionExecutor,
  ) {}

  /** Never rejects. */
  run(attempt: Attempt, deadline: Deadline): Promise<AttemptEnd> {
    if (this.listener.batchSizeMax === 1) return this.executor.runOne(this.listener, attempt, deadline);
    return new Promise((settle) => {
      this.waiting.push({ attempt, deadline, settle });
      this.startNext();
    });
  }

  private startNext(): void {
    if (this.running >= GROUPS_AT_ONCE_MAX || this.waiting.length === 0) return;
    this.running += 1;
    void this.runGroup(this.takeGroup()).finally(() => {
      this.running -= 1;
      this.startNext();
    });
  }

  /** Up to the batch size, in arrival order, each txNo once; a second one of the same txNo waits its turn. */
  private takeGroup(): Waiting[] {
    const group = new Map<string, Waiting>();
    const rest: Waiting[] = [];
    for (const candidate of this.waiting) {
      const { txNo } = candidate.attempt;
      if (group.size < this.listener.batchSizeMax && !group.has(txNo)) group.set(txNo, candidate);
      else rest.push(candidate);
    }
    this.waiting = rest;
    return [...group.values()];
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    const [first] = group;
    if (group.length > 1 && first !== undefined) {
      const ends = await this.executor.runGroup(
        this.listener,
        group.map(({ attempt }) => attempt),
        // The longest waiting caller's time is the shortest.
        first.deadline,
      );
      if (ends !== undefined) {
        group.forEach(({ settle }, index) => {
          settle(ends[index] ?? { end: 'UNKNOWN' });
        });
        return;
      }
    }
    for (const { attempt, deadline, settle } of group) {
      settle(await this.executor.runOne(this.listener, attempt, deadline));
    }
  }
}
