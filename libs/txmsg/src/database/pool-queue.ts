import type { DataSource } from 'typeorm';
import { WAITERS_MAX } from './mysql-data-source-options.js';

/** mysql2's queue of callers that wait for a connection. */
interface Waiters {
  readonly length: number;
  get(index: number): unknown;
  removeOne(index: number): unknown;
}

interface DriverPool {
  readonly _connectionQueue?: Waiters;
  readonly config?: { readonly queueLimit?: number; readonly resetOnRelease?: boolean };
}

/** The pool of a DataSource that is initialised and has only one server. */
export function poolOf(dataSource: DataSource): DriverPool | undefined {
  return (dataSource.driver as { pool?: DriverPool }).pool;
}

/**
 * Takes a caller out of the queue of mysql2's pool. mysql2 3.24.5 has no call for that: callers that have stopped waiting
 * would stay in the queue, and in memory, until a connection becomes free (test: "keeps nobody in the pool's queue who has
 * stopped waiting").
 */
export class QueuePlace {
  private constructor(
    private readonly waiters: Waiters | undefined,
    private readonly waiter: unknown,
  ) {}

  /** @param ask - asks the pool for a connection, at once */
  static after(dataSource: DataSource, ask: () => void): QueuePlace {
    const waiters = poolOf(dataSource)?._connectionQueue;
    const before = waiters?.length ?? 0;
    ask();
    const last =
      waiters !== undefined && waiters.length > before ? waiters.get(waiters.length - 1) : undefined;
    return new QueuePlace(waiters, last);
  }

  leave(): void {
    if (this.waiters === undefined || this.waiter === undefined) return;
    for (let index = 0; index < this.waiters.length; index++) {
      if (this.waiters.get(index) === this.waiter) {
        this.waiters.removeOne(index);
        return;
      }
    }
  }
}

/** As the pool's owner has set it; a pool without a limit gets ours. */
export function waitersMaxOf(dataSource: DataSource): number {
  const limit = poolOf(dataSource)?.config?.queueLimit ?? 0;
  return limit > 0 ? limit : WAITERS_MAX;
}

export function waitersOf(dataSource: DataSource): number {
  return poolOf(dataSource)?._connectionQueue?.length ?? 0;
}
