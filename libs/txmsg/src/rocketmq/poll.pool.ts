import { Deadline } from '../deadline/index.js';
import { BackOff } from './back-off.js';

/** Something that was received and must be handed out or given back before it is due to be delivered again. */
interface Arrival<Item> {
  readonly item: Item;
  readonly usable: Deadline;
}

export interface PollSource<Broker, Item, Options> {
  /** The brokers to ask, each with a name that stays the same. */
  brokers(): ReadonlyMap<string, Broker>;
  poll(broker: Broker, options: Options): Promise<Item[]>;
  /** Called with items that no `receive` call came for; never rejects. */
  giveBack(items: readonly Item[]): Promise<void>;
  /** Called for a failure that no `receive` call is told of, once until the broker answers again. */
  onFailure(broker: string, failure: Error): void;
}

export interface ReceiveRequest<Options> {
  readonly messagesMax: number;
  readonly awaitMs: number;
  /** How long a received item may be kept here. */
  readonly usableMs: number;
  readonly poll: Options;
}

/** A broker whose last poll failed. */
interface FailingBroker {
  readonly backOff: BackOff;
  isResting: boolean;
  isReported: boolean;
}

/** How long items that arrive while no `receive` call waits are kept for the next call; then they are given back. */
const UNCLAIMED_MAX_MS = 1_000;
/** How long a broker that failed is not asked, while others are: at first, and after many failures in a row. */
const REST_FIRST_MS = 500;
const REST_LAST_MS = 5_000;

/**
 * Turns one long poll per broker into `receive` calls that return as soon as any broker has something. A poll that
 * outlasts the call that began it goes on (the proxy's shortest poll is 5 s), and what it brings goes to the next
 * call; nothing is dropped. A broker that fails does not keep those of the others waiting: it rests for a while, and
 * `receive` rejects only when no other poll is under way.
 */
export class PollPool<Broker, Item, Options> {
  private readonly polls = new Map<string, Promise<void>>();
  private readonly failing = new Map<string, FailingBroker>();
  private readonly wakers = new Set<(failure?: Error) => void>();
  private arrivals: Arrival<Item>[] = [];
  private unclaimedTimer: NodeJS.Timeout | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly source: PollSource<Broker, Item, Options>) {}

  async receive(request: ReceiveRequest<Options>): Promise<Item[]> {
    const deadline = Deadline.in(request.awaitMs);
    let items = this.take(request.messagesMax);
    // Asks at least once, however short the wait.
    while (items.length === 0 && !this.closed) {
      this.startMissingPolls(request);
      await this.arrivalOr(deadline);
      items = this.take(request.messagesMax);
      if (deadline.hasPassed()) break;
    }
    return items;
  }

  /** Begins no further poll and gives back unclaimed items. The caller ends the polls under way. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const wake of this.wakers) wake();
    await this.giveBackUnclaimed();
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private take(itemsMax: number): Item[] {
    const usable = this.arrivals.filter((arrival) => !arrival.usable.hasPassed());
    this.arrivals = usable.slice(itemsMax);
    this.watchUnclaimed();
    return usable.slice(0, itemsMax).map((arrival) => arrival.item);
  }

  private startMissingPolls(request: ReceiveRequest<Options>): void {
    const missing = [...this.source.brokers()].filter(([name]) => !this.polls.has(name));
    const rested = missing.filter(([name]) => this.failing.get(name)?.isResting !== true);
    // While all of them fail, the pace is the caller's.
    const isAnyoneAsked = this.polls.size + rested.length > 0;
    for (const [name, broker] of isAnyoneAsked ? rested : missing)
      this.polls.set(name, this.runPoll(name, broker, request));
  }

  private async runPoll(name: string, broker: Broker, request: ReceiveRequest<Options>): Promise<void> {
    let failure: Error | undefined;
    try {
      const items = await this.source.poll(broker, request.poll);
      const usable = Deadline.in(request.usableMs);
      this.arrivals.push(...items.map((item) => ({ item, usable })));
      this.failing.delete(name);
    } catch (error) {
      failure = error as Error;
    }
    this.polls.delete(name);
    const isLast = this.polls.size === 0;
    if (failure !== undefined && !this.closed) void this.rest(name, failure, isLast);
    if (this.closed) await this.giveBackUnclaimed();
    else this.watchUnclaimed();
    for (const wake of this.wakers) wake(isLast ? failure : undefined);
  }

  private async rest(name: string, failure: Error, isTold: boolean): Promise<void> {
    const backOff = new BackOff(REST_FIRST_MS, REST_LAST_MS);
    const broker = this.failing.get(name) ?? { backOff, isResting: false, isReported: false };
    this.failing.set(name, broker);
    if (!isTold && !broker.isReported) {
      broker.isReported = true;
      this.source.onFailure(name, failure);
    }
    if (broker.isResting) return;
    broker.isResting = true;
    await broker.backOff.pause(this.closing.signal);
    broker.isResting = false;
    for (const wake of this.wakers) wake();
  }

  /** Resolves when something arrived, or at the deadline; rejects with what made the last poll fail. */
  private arrivalOr(deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (failure?: Error) => {
        clearTimeout(timer);
        this.wakers.delete(wake);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const timer = setTimeout(wake, deadline.remainingMs());
      this.wakers.add(wake);
    });
  }

  private watchUnclaimed(): void {
    clearTimeout(this.unclaimedTimer);
    if (this.arrivals.length === 0 || this.closed) return;
    this.unclaimedTimer = setTimeout(() => void this.giveBackUnclaimed(), UNCLAIMED_MAX_MS);
  }

  private async giveBackUnclaimed(): Promise<void> {
    const unclaimed = this.take(Infinity);
    if (unclaimed.length > 0) await this.source.giveBack(unclaimed);
  }
}
