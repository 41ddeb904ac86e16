import type { Lookup } from './guarded-agent.js';

type Callback = Parameters<Lookup>[2];

/** One name that is looked up, or waits to be, and everybody who asks for it meanwhile. */
interface Question {
  readonly hostname: string;
  readonly options: Parameters<Lookup>[1];
  readonly callbacks: Set<Callback>;
}

const NAMES_KEPT_MAX = 10_000;
const THREADS_BY_DEFAULT = 4;

/** No address is known in time; nothing was sent. */
export class LookupTimeoutError extends Error {
  override readonly name = 'LookupTimeoutError';

  constructor(hostname: string, timeoutMs: number) {
    super(
      `${hostname} was not looked up within ${timeoutMs} ms: its name server does not answer, or lookups of other names that are not answered were in front of it.`,
    );
  }
}

/**
 * Keeps names that are not answered from delaying those that are. The system's resolver holds a thread until it gives up,
 * by default after some ten seconds, however soon its caller does, and libuv looks names up on half of its threads: two
 * for the whole process, unless `UV_THREADPOOL_SIZE` says otherwise. Therefore a name is looked up once at a time, for
 * everybody who asks for it meanwhile. One whose last lookup succeeded is looked up at once; all others share half of
 * these threads, those that have failed least first.
 *
 * Not guaranteed: that a name which was never looked up with success, or failed last, is looked up in time while others
 * are not answered; nor that one which ceases to be answered holds no thread the first time.
 */
export class NameLookups {
  /** How many lookups of a name have failed in a row: 0 when the last one succeeded. */
  private readonly failures = new Map<string, number>();
  private readonly questions = new Map<string, Question>();
  private readonly waiting = new Set<Question>();
  private running = 0;

  /**
   * @param timeoutMs - how long a caller waits
   * @param runningMax - how many names whose last lookup did not succeed are looked up at a time
   */
  constructor(
    private readonly system: Lookup,
    private readonly timeoutMs: number,
    private readonly runningMax = halfOfLookupThreads(),
  ) {}

  /** Answers with `LookupTimeoutError` when the time is over. */
  readonly lookup: Lookup = (hostname, options, callback) => {
    const found = this.questions.get(hostname);
    const question = found ?? { hostname, options, callbacks: new Set<Callback>() };
    this.addCallback(question, callback);
    if (found !== undefined) return;
    this.questions.set(hostname, question);
    if (this.failures.get(hostname) === 0) {
      this.ask(question);
      return;
    }
    this.waiting.add(question);
    this.askWaiting();
  };

  private addCallback(question: Question, callback: Callback): void {
    const { hostname, callbacks } = question;
    const answer: Callback = (error, addresses) => {
      clearTimeout(timer);
      callback(error, addresses);
    };
    const timer = setTimeout(() => {
      callbacks.delete(answer);
      // What nobody waits for any more takes no thread from others.
      if (callbacks.size === 0 && this.waiting.delete(question)) this.questions.delete(hostname);
      callback(new LookupTimeoutError(hostname, this.timeoutMs));
    }, this.timeoutMs).unref();
    callbacks.add(answer);
  }

  private askWaiting(): void {
    const failuresOf = ({ hostname }: Question): number => this.failures.get(hostname) ?? 0;
    while (this.running < this.runningMax) {
      const [next] = [...this.waiting].sort((one, other) => failuresOf(one) - failuresOf(other));
      if (next === undefined) return;
      this.waiting.delete(next);
      this.running += 1;
      this.ask(next, () => {
        this.running -= 1;
        this.askWaiting();
      });
    }
  }

  private ask({ hostname, options, callbacks }: Question, ended: () => void = () => undefined): void {
    const began = performance.now();
    this.system(hostname, options, (error, addresses) => {
      this.questions.delete(hostname);
      this.remember(hostname, !error && performance.now() - began < this.timeoutMs);
      for (const answer of callbacks) answer(error, addresses);
      ended();
    });
  }

  private remember(hostname: string, hasSucceeded: boolean): void {
    const failures = hasSucceeded ? 0 : (this.failures.get(hostname) ?? 0) + 1;
    // Deleted first, so that those which are not asked for any more are the first of the map.
    this.failures.delete(hostname);
    this.failures.set(hostname, failures);
    const [oldest] = this.failures.keys();
    if (this.failures.size > NAMES_KEPT_MAX && oldest !== undefined) this.failures.delete(oldest);
  }
}

/** The other half is for names that are answered, and for the rest of the process. */
function halfOfLookupThreads(): number {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || THREADS_BY_DEFAULT;
  return Math.max(1, Math.floor(Math.ceil(threads / 2) / 2));
}
