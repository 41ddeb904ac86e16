import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/**
 * What time it is, for every time that the library stores or compares: when calls are due, when leases end. A test gives
 * one that it can move (option `clock`). How long a call may take is measured by the monotonic clock instead.
 */
export abstract class WebhookClock {
  /** In whole ms, in the transaction that uses it. */
  abstract now(entityManager: EntityManager): Promise<Date>;
}

/** The database's: the same for all processes, so that a process whose own clock jumps calls nobody early or twice. */
@Injectable()
export class DatabaseClock extends WebhookClock {
  async now(entityManager: EntityManager): Promise<Date> {
    const [row] = await entityManager.query<{ now: Date }[]>('SELECT UTC_TIMESTAMP(3) AS now');
    if (row === undefined) throw new Error('The database told no time.');
    return row.now;
  }
}
