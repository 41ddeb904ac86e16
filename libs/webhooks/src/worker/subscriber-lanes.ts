import type { Subscriber } from '../subscriber/subscriber.js';
import { SubscriberLane, type LaneLimits } from './subscriber.lane.js';

const LANES_MAX = 10_000;

/** What bounds the calls of one process. */
export interface LanesLimits extends LaneLimits {
  readonly concurrency: number;
  readonly ladderSeconds: readonly number[];
}

/**
 * Shares the calls of a process out to subscribers, so that none that is slow or away delays another: each has its own
 * bound, what is free is given round by round, and those who have not answered soundly last have half of it together at
 * most.
 */
export class SubscriberLanes {
  private readonly lanes = new Map<string, SubscriberLane>();
  private running = 0;
  private runningUntrusted = 0;

  constructor(private readonly limits: LanesLimits) {}

  isFull(): boolean {
    return this.running >= this.limits.concurrency;
  }

  /** How many calls to each of them may begin now; who waits longest stands first. */
  allot(subscriberIds: readonly string[]): Map<string, number> {
    const allotted = new Map<string, number>();
    let free = this.limits.concurrency - this.running;
    let freeUntrusted = Math.max(1, Math.floor(this.limits.concurrency / 2)) - this.runningUntrusted;
    for (let isMore = true; isMore && free > 0;) {
      isMore = false;
      for (const id of subscriberIds) {
        const lane = this.lanes.get(id);
        const given = allotted.get(id) ?? 0;
        const isTrusted = lane?.isTrusted ?? false;
        const may = lane === undefined ? 1 : lane.free();
        if (free <= 0 || given >= may || (!isTrusted && freeUntrusted <= 0)) continue;
        allotted.set(id, given + 1);
        free -= 1;
        if (!isTrusted) freeUntrusted -= 1;
        isMore = true;
      }
    }
    return allotted;
  }

  /** Runs `work` in the subscriber's lane, and counts it until it has ended. */
  async occupy<T>(subscriber: Subscriber, work: (lane: SubscriberLane) => Promise<T>): Promise<T> {
    const lane = this.laneOf(subscriber);
    const isUntrusted = !lane.isTrusted;
    this.running += 1;
    if (isUntrusted) this.runningUntrusted += 1;
    try {
      return await lane.occupy(() => work(lane));
    } finally {
      this.running -= 1;
      if (isUntrusted) this.runningUntrusted -= 1;
    }
  }

  /** The pause of its circuit is never longer than the first of its ladder, so that it delays no call that is alone. */
  private laneOf({ id, ladderSeconds }: Subscriber): SubscriberLane {
    const found = this.lanes.get(id);
    if (found !== undefined) return found;
    if (this.lanes.size >= LANES_MAX) this.forgetIdle();
    const pausesMs = (ladderSeconds ?? this.limits.ladderSeconds).map((seconds) => seconds * 1000);
    const breakerPauseMs = Math.min(this.limits.breakerPauseMs, ...pausesMs);
    const lane = new SubscriberLane({ ...this.limits, breakerPauseMs });
    this.lanes.set(id, lane);
    return lane;
  }

  private forgetIdle(): void {
    for (const [id, lane] of this.lanes) if (lane.isForgettable) this.lanes.delete(id);
  }
}
