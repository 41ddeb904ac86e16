/** Handlers that take longer than this, apart from their statements, wait for something other than the database. */
const OUTSIDE_DATABASE_MS_MAX = 20;
/** Handlers that take longer than this are slow: what a shared COMMIT saves is little beside what others wait for them. */
const HANDLER_MS_MAX = 200;
/** About how many handlers the averages of these times look back on. */
const HANDLERS_REMEMBERED = 8;

/** How long handlers took in one transaction, in all. */
export interface HandlingTimes {
  readonly totalMs: number;
  /** Less the time in which a statement was under way. */
  readonly outsideDatabaseMs: number;
}

/**
 * How many messages or calls of one listener share a database transaction at present.
 *
 * For the batch form it is fixed. For the single form it begins at 1 and doubles, up to the maximum, whenever a transaction
 * with that many of them was carried out; it is halved when a whole batch was rolled back (handlers that lock in an order
 * of their own may deadlock). It is 1 while handlers are slow, or wait for something other than the database, because those
 * in one batch run one after another.
 */
export class BatchSize {
  private size: number;
  private handlerMs = 0;
  private outsideDatabaseMs = 0;

  private constructor(
    /** At most this many. */
    readonly max: number,
    start: number,
    /** True for the single form, whose handlers know nothing of each other. */
    readonly isAdaptive: boolean,
  ) {
    this.size = start;
  }

  /** For the batch form, whose handler decides by itself how it works, and for a listener that shares no transaction (1). */
  static fixed(size: number): BatchSize {
    return new BatchSize(size, size, false);
  }

  /** For the single form. */
  static adaptive(max: number): BatchSize {
    return new BatchSize(max, 1, true);
  }

  /** At least 1. */
  get now(): number {
    return this.size;
  }

  /**
   * Handlers ran in one transaction.
   * @param handlers - how many, at least 1
   */
  handled(handlers: number, { totalMs, outsideDatabaseMs }: HandlingTimes): void {
    if (!this.isAdaptive) return;
    const weight = Math.min(1, handlers / HANDLERS_REMEMBERED);
    this.handlerMs += (totalMs / handlers - this.handlerMs) * weight;
    this.outsideDatabaseMs += (outsideDatabaseMs / handlers - this.outsideDatabaseMs) * weight;
    const areAlone = this.outsideDatabaseMs > OUTSIDE_DATABASE_MS_MAX || this.handlerMs > HANDLER_MS_MAX;
    if (areAlone) this.size = 1;
    else if (handlers >= this.size) this.size = Math.min(this.max, this.size * 2);
  }

  /** A batch used up its share of the time after so many handlers, at least 1. */
  stoppedAfter(handlers: number): void {
    if (this.isAdaptive) this.size = Math.min(this.size, handlers);
  }

  /** A whole batch was rolled back. */
  failed(): void {
    if (this.isAdaptive) this.size = Math.max(1, Math.floor(this.size / 2));
  }
}
