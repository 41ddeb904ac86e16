import { Deadline } from '../deadline/index.js';
import type { Attempt, AttemptEnd } from './attempt.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/** Database transactions of one listener that run at once; more callers than this are put into batches. */
const BATCHES_AT_ONCE_MAX = 4;

/** The caller's time ended while the transaction that its attempt is part of runs on; `end` says how that ends. */
export interface OutlivedCaller {
  readonly end: 'OUTLIVED_CALLER';
  readonly later: Promise<AttemptEnd>;
}

/**
 * - `QUEUED`: nothing was begun for it; `BATCHED`: its batch's transaction runs; `ALONE`: its own does, which ends by
 *   the caller's deadline.
 * - `WITHDRAWN`, `OUTLIVED`: the caller's time ended while it was queued, or in a batch.
 */
type State = 'QUEUED' | 'BATCHED' | 'ALONE' | 'WITHDRAWN' | 'OUTLIVED';

interface Waiting {
  readonly attempt: Attempt;
  readonly deadline: Deadline;
  readonly resolve: (end: AttemptEnd) => void;
  state: State;
}

/**
 * Puts callers that wait at the same time into one database transaction. A batch is what gathered while the
 * earlier ones ran: there is no timer, and a caller who comes alone goes alone at once.
 *
 * A batch has a deadline of its own. On that of its oldest caller it would fail whenever callers have to wait, and
 * each would be run alone, which takes longer still. A caller whose time ends leaves the queue, or the batch
 * goes on without it.
 */
export class LocalTransactionBatcher {
  private readonly waiting = new Set<Waiting>();
  private running = 0;

  /** @param timeoutMs - how long a batch's transaction may take */
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
    if (this.running >= BATCHES_AT_ONCE_MAX || this.waiting.size === 0) return;
    this.running += 1;
    void this.runBatch(this.takeBatch()).finally(() => {
      this.running -= 1;
      this.startNext();
    });
  }

  /** Up to the batch size, in arrival order, each txNo once; a second one of the same txNo waits its turn. */
  private takeBatch(): Waiting[] {
    const batch = new Map<string, Waiting>();
    for (const candidate of this.waiting) {
      if (batch.size === this.listener.batchSizeMax) break;
      const { txNo } = candidate.attempt;
      if (batch.has(txNo)) continue;
      batch.set(txNo, candidate);
      this.waiting.delete(candidate);
    }
    return [...batch.values()];
  }

  private async runBatch(batch: readonly Waiting[]): Promise<void> {
    if (batch.length > 1) {
      for (const waiting of batch) waiting.state = 'BATCHED';
      const attempts = batch.map(({ attempt }) => attempt);
      const ends = await this.executor.runBatch(this.listener, attempts, Deadline.in(this.timeoutMs));
      if (ends !== undefined) {
        batch.forEach(({ resolve }, index) => {
          resolve(ends[index] ?? { end: 'UNKNOWN' });
        });
        return;
      }
      for (const waiting of batch) if (waiting.state === 'BATCHED') waiting.state = 'QUEUED';
    }
    for (const waiting of batch) await this.runAlone(waiting);
  }

  private async runAlone(waiting: Waiting): Promise<void> {
    const { attempt, deadline, resolve, state } = waiting;
    if (state === 'WITHDRAWN') return;
    if (state === 'OUTLIVED') {
      // Its batch was rolled back, and nobody waits for another try.
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
