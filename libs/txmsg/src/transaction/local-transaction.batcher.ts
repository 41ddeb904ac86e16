import { Deadline } from '../deadline/index.js';
import type { AttemptResult, StoredAttempt } from './attempt.js';
import type { BatchedAttemptResult, LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/**
 * How many batches of one listener run at once; further callers wait and share the next ones. While one waits for the
 * disk, the other one works; with more, batches are smaller and all of it costs more.
 */
const BATCHES_AT_ONCE_MAX = 2;
/** In the single form a batch may be slow, since nothing is known of its handlers: others must not wait for it. */
const SINGLE_FORM_BATCHES_AT_ONCE_MAX = 8;
/** How many of a batch that was rolled back run at once then, each alone: one that waits for a lock keeps few others waiting. */
const ALONE_AT_ONCE_MAX = 4;

/** The caller's time ended while the transaction that its attempt is part of runs on; `later` is its result. */
export interface OutlivedCaller {
  readonly state: 'OUTLIVED_CALLER';
  readonly later: Promise<AttemptResult>;
}

/**
 * - `QUEUED`: nothing was begun for it; `BATCHED`: its batch's transaction runs; `ALONE`: its own does, which ends by
 *   the caller's deadline.
 * - `WITHDRAWN`, `OUTLIVED`: the caller's time ended while it was queued, or in a batch.
 */
type State = 'QUEUED' | 'BATCHED' | 'ALONE' | 'WITHDRAWN' | 'OUTLIVED';

interface Waiting {
  readonly attempt: StoredAttempt;
  readonly deadline: Deadline;
  readonly resolve: (result: AttemptResult) => void;
  state: State;
}

/**
 * Runs the local transactions of callers that wait at the same time in one database transaction. A batch is made of those
 * that arrived while earlier transactions ran, or in one turn of the event loop. There is no timer: a single caller starts
 * with the next turn, alone.
 *
 * A batch has a deadline of its own. With that of its oldest caller, batches would fail whenever callers have to wait, and
 * running each caller alone afterwards takes longer still. A caller whose time ends is removed from the queue; if its batch
 * is running already, it is answered UNKNOWN and the batch goes on.
 */
export class LocalTransactionBatcher {
  private readonly waiting = new Set<Waiting>();
  private running = 0;
  private isStarting = false;

  /** @param timeoutMs - how long a batch's transaction may take */
  constructor(
    private readonly listener: RegisteredTransactionListener,
    private readonly executor: LocalTransactionExecutor,
    private readonly timeoutMs: number,
  ) {}

  /** Never rejects, nor does `later`. */
  async run(attempt: StoredAttempt, deadline: Deadline): Promise<AttemptResult | OutlivedCaller> {
    if (this.listener.handlers.batchSize.now === 1)
      return this.executor.runOne(this.listener, attempt, deadline);
    let resolve: Waiting['resolve'] = () => undefined;
    const result = new Promise<AttemptResult>((resolveResult) => (resolve = resolveResult));
    const waiting: Waiting = { attempt, deadline, resolve, state: 'QUEUED' };
    this.waiting.add(waiting);
    this.startSoon();
    if ((await isInTime(result, deadline)) || waiting.state === 'ALONE') return result;
    if (waiting.state === 'QUEUED') {
      waiting.state = 'WITHDRAWN';
      this.waiting.delete(waiting);
      return this.executor.resultOfUnbegun(attempt, deadline);
    }
    waiting.state = 'OUTLIVED';
    return { state: 'OUTLIVED_CALLER', later: result };
  }

  /** Answers of the broker come many in one packet: started by the first one, a batch would be of one. */
  private startSoon(): void {
    if (this.isStarting) return;
    this.isStarting = true;
    setImmediate(() => {
      this.isStarting = false;
      this.startNext();
    });
  }

  private startNext(): void {
    const { isAdaptive } = this.listener.handlers.batchSize;
    const runningMax = isAdaptive ? SINGLE_FORM_BATCHES_AT_ONCE_MAX : BATCHES_AT_ONCE_MAX;
    while (this.running < runningMax && this.waiting.size > 0) {
      this.running += 1;
      void this.runBatch(this.takeBatch()).finally(() => {
        this.running -= 1;
        this.startNext();
      });
    }
  }

  /** Up to the batch size, in arrival order, each txNo once; a second one of the same txNo waits its turn. */
  private takeBatch(): Waiting[] {
    const batch = new Map<string, Waiting>();
    for (const candidate of this.waiting) {
      if (batch.size >= this.listener.handlers.batchSize.now) break;
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
      const results = await this.executor.runBatch(this.listener, attempts, Deadline.in(this.timeoutMs));
      const left = batch.filter(({ resolve }, index) => {
        const result: BatchedAttemptResult =
          results === undefined ? { state: 'NOT_BEGUN' } : (results[index] ?? { state: 'UNKNOWN' });
        if (result.state === 'NOT_BEGUN') return true;
        resolve(result);
        return false;
      });
      for (const waiting of left) if (waiting.state === 'BATCHED') waiting.state = 'QUEUED';
      return this.runEachAlone(left);
    }
    return this.runEachAlone(batch);
  }

  private async runEachAlone(batch: readonly Waiting[]): Promise<void> {
    const left = batch.values();
    const runOneByOne = async (): Promise<void> => {
      for (const waiting of left) await this.runAlone(waiting);
    };
    await Promise.all(Array.from({ length: ALONE_AT_ONCE_MAX }, runOneByOne));
  }

  private async runAlone(waiting: Waiting): Promise<void> {
    const { attempt, deadline, resolve, state } = waiting;
    if (state === 'WITHDRAWN') return;
    if (state === 'OUTLIVED') {
      // Its batch was rolled back, and its caller has been answered already: it is not tried again.
      resolve(await this.executor.resultOfUnbegun(attempt, deadline));
      return;
    }
    waiting.state = 'ALONE';
    resolve(await this.executor.runOne(this.listener, attempt, deadline));
  }
}

/** False when the deadline comes first. */
async function isInTime(result: Promise<unknown>, deadline: Deadline): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, deadline.remainingMs(), false);
  });
  const answer = await Promise.race([result.then(() => true), late]);
  clearTimeout(timer);
  return answer;
}
