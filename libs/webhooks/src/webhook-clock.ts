import { Injectable } from '@nestjs/common';
import { requireClocksAgree } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';

/**
 * What time it is, for every time that the library stores or compares: when calls are due, when leases end. A test gives
 * one that it can move (option `clock`). How long a call may take is measured by the monotonic clock instead.
 */
export abstract class WebhookClock {
  /** In whole ms, in the transaction that uses it. */
  abstract now(entityManager: EntityManager): Promise<Date>;

  /**
   * The same, for deleting what is old: throws when the clock may be wrong, so that nothing is deleted too early. Here
   * nothing is checked, since a test moves its clock as it likes.
   */
  checkedNow(entityManager: EntityManager): Promise<Date> {
    return this.now(entityManager);
  }
}

/** The database's: the same for all processes, so that a process whose own clock jumps calls nobody early or twice. */
@Injectable()
export class DatabaseClock extends WebhookClock {
  async now(entityManager: EntityManager): Promise<Date> {
    const [row] = await entityManager.query<{ now: Date }[]>('SELECT UTC_TIMESTAMP(3) AS now');
    if (row === undefined) throw new Error('The database told no time.');
    return row.now;
  }

  /** @throws ClocksDisagreeError when it is more than 15 minutes ahead of or behind this process' clock */
  override async checkedNow(entityManager: EntityManager): Promise<Date> {
    const now = await this.now(entityManager);
    requireClocksAgree(now.getTime());
    return now;
  }
}
