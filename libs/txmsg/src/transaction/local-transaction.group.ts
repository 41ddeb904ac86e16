import { Deadline } from '../deadline/index.js';
import type { Attempt, AttemptEnd } from './attempt.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/** Database transactions of one listener that run at once; more callers than this are grouped. */
const GROUPS_AT_ONCE_MAX = 4;

/** The caller's time ended while the transaction that its attempt is part of runs on; `end` says how that ends. */
export interface OutlivedCaller {
  readonly end: 'OUTLIVED_CALLER';
  readonly later: Promise<AttemptEnd>;
}

/**
 * - `QUEUED`: nothing was begun for it; `GROUPED`: its group's transaction runs; `ALONE`: its own does, which ends by
 *   the caller's deadline.
 * - `WITHDRAWN`, `OUTLIVED`: the caller's time ended while it was queued, or grouped.
 */
type State = 'QUEUED' | 'GROUPED' | 'ALONE' | 'WITHDRAWN' | 'OUTLIVED';

interface Waiting {
  readonly attempt: Attempt;
  readonly deadline: Deadline;
  readonly resolve: (end: AttemptEnd) => void;
  state: State;
}

/**
 * Puts callers that wait at the same time into one database transaction. A group is what gathered while the
 * earlier ones ran: there is no timer, and a caller who comes alone goes alone at once.
 *
 * A group has a deadline of its own. On that of its oldest caller it would fail whenever callers have to wait, and
 * each would be run alone, which takes longer still. A caller whose time ends leaves the queue, or the group
 * goes on without it.
 */
export class LocalTransactionGroup {
  private readonly waiting = new Set<Waiting>();
  private running = 0;

  /** @param timeoutMs - how long a group's transaction may take */
  constructor(
    private readonly listener: RegisteredTransactionListener,
    private readonly executor: LocalTransactionExecutor,
    private readonly timeoutMs: number,
  ) {}

  /** Never rejects, nor does `later`. */
  async run(attempt: Attempt, deadline: Deadline): Promise<AttemptEnd | OutlivedCaller> {
    if (this.listener.batchSizeMax === 1) return this.executor.runOne(this.listener, attempt, deadline);
    let resolve: Waiting['resolve'] = () => undefined;
    const end = new Promise<AttemptEnd>((resolveEnd) => (resolve = resolveEnd));
    const waiting: Waiting = { attempt, deadline, resolve, state: 'QUEUED' };
    this.waiting.add(waiting);
    this.startNext();
    if ((await isInTime(end, deadline)) || waiting.state === 'ALONE') return end;
    if (waiting.state === 'QUEUED') {
      waiting.state = 'WITHDRAWN';
      this.waiting.delete(waiting);
      return this.executor.withdraw(attempt, deadline);
    }
    waiting.state = 'OUTLIVED';
    return { end: 'OUTLIVED_CALLER', later: end };
  }

  private startNext(): void {
    if (this.running >= GROUPS_AT_ONCE_MAX || this.waiting.size === 0) return;
    this.running += 1;
    void this.runGroup(this.takeGroup()).finally(() => {
      this.running -= 1;
      this.startNext();
    });
  }

  /** Up to the batch size, in arrival order, each txNo once; a second one of the same txNo waits its turn. */
  private takeGroup(): Waiting[] {
    const group = new Map<string, Waiting>();
    for (const candidate of this.waiting) {
      if (group.size === this.listener.batchSizeMax) break;
      const { txNo } = candidate.attempt;
      if (group.has(txNo)) continue;
      group.set(txNo, candidate);
      this.waiting.delete(candidate);
    }
    return [...group.values()];
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1) {
      for (const waiting of group) waiting.state = 'GROUPED';
      const attempts = group.map(({ attempt }) => attempt);
      const ends = await this.executor.runGroup(this.listener, attempts, Deadline.in(this.timeoutMs));
      if (ends !== undefined) {
        group.forEach(({ resolve }, index) => {
          resolve(ends[index] ?? { end: 'UNKNOWN' });
        });
        return;
      }
      for (const waiting of group) if (waiting.state === 'GROUPED') waiting.state = 'QUEUED';
    }
    for (const waiting of group) await this.runAlone(waiting);
  }

  private async runAlone(waiting: Waiting): Promise<void> {
    const { attempt, deadline, resolve, state } = waiting;
    if (state === 'WITHDRAWN') return;
    if (state === 'OUTLIVED') {
      // Its group was rolled back, and nobody waits for another try.
      resolve(await this.executor.withdraw(attempt, deadline));
      return;
    }
    waiting.state = 'ALONE';
    resolve(await this.executor.runOne(this.listener, attempt, deadline));
  }
}

/** False when the deadline comes first. */
async function isInTime(end: Promise<unknown>, deadline: Deadline): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, deadline.remainingMs(), false);
  });
  const answer = await Promise.race([end.then(() => true), late]);
  clearTimeout(timer);
  return answer;
}
