import { Injectable, Logger } from '@nestjs/common';
import { USER_REGISTERED_TOPIC, type UserRegisteredMessage } from '@txmsg/contracts';
import { BoundedRead } from '@txmsg/service';
import {
  CommitOutcomeUnknownError,
  DatabaseTransactions,
  Deadline,
  LocalMessageOutbox,
  type TransactionContext,
} from 'txmsg';
import { isDuplicateEntry, isLockConflict } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { UserEntity } from '../users/user.entity.js';
import { UserSettings } from '../user-settings.js';
import type { RegistrationFaultPoint } from './registration.fault-points.js';

/** What is stored when a user registers. */
export interface NewUser {
  /** Names the registration; each is made once. */
  readonly txNo: string;
  readonly userId: string;
  readonly name: string;
}

/**
 * What became of a transaction.
 * - `STORED`: user and message are committed.
 * - `EXISTS`: the txNo has a row; this call wrote nothing.
 * - `UNKNOWN`: the answer to COMMIT was lost, or another transaction holds the row of this txNo: only that row can tell.
 */
export type StoreOutcome = 'STORED' | 'EXISTS' | 'UNKNOWN';

/** Writes a user and the message about it in one transaction: both are there, or neither is. */
@Injectable()
export class UserStore {
  private readonly logger = new Logger(UserStore.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly outbox: LocalMessageOutbox,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
    private readonly settings: UserSettings,
  ) {}

  /** @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be */
  async store(user: NewUser): Promise<StoreOutcome> {
    const { txNo } = user;
    try {
      return await this.transactions.run<StoreOutcome>(
        async (context) => {
          const isNew = await this.write(user, context);
          return isNew ? { decision: 'COMMIT', value: 'STORED' } : { decision: 'ROLLBACK', value: 'EXISTS' };
        },
        {
          deadline: Deadline.in(this.settings.registerTimeoutMs),
          txNos: [txNo],
          beforeCommit: (context) => this.at('before-commit', txNo, context),
        },
      );
    } catch (error) {
      // An earlier call with this txNo may still be under way: nobody is told that nothing was done before it has ended.
      if (!(error instanceof CommitOutcomeUnknownError) && !isLockConflict(error)) throw error;
      this.logger.warn(`The row must tell what became of a registration: ${String(error)}`, { txNo });
      return 'UNKNOWN';
    }
  }

  /**
   * The row of a txNo, once no transaction holds it any more: a plain read would not see one that is being committed right
   * now, and "no row" would be a guess. Undefined: there is none, and the transaction that wrote one was rolled back.
   * @throws when the database does not answer, or the row stays locked
   */
  async find(txNo: string): Promise<UserEntity | undefined> {
    return this.read.run(async (manager) => {
      const [row] = await manager.query<UserEntity[]>(
        `SELECT tx_no AS txNo, user_id AS userId, name, create_time AS createTime
         FROM user_info WHERE tx_no = ? FOR SHARE`,
        [txNo],
      );
      return row;
    });
  }

  /** False when the txNo has a row already; then nothing was written. */
  private async write(user: NewUser, context: TransactionContext): Promise<boolean> {
    const { entityManager } = context;
    const { txNo, userId } = user;
    await this.at('begun', txNo, context);
    if (!(await insertUnlessThere(user, entityManager))) return false;
    await this.at('user-inserted', txNo, context);
    const message: UserRegisteredMessage = { txNo, userId };
    await this.outbox.publish(entityManager, USER_REGISTERED_TOPIC, message, { txNo });
    return true;
  }

  private at(
    step: 'begun' | 'user-inserted' | 'before-commit',
    txNo: string,
    { dropConnection }: TransactionContext,
  ): Promise<void> {
    const point: RegistrationFaultPoint = `service:registration.${step}`;
    return this.faults.at(point, { txNo, dropConnection });
  }
}

async function insertUnlessThere({ txNo, userId, name }: NewUser, manager: EntityManager): Promise<boolean> {
  try {
    await manager.query('INSERT INTO user_info (tx_no, user_id, name) VALUES (?, ?, ?)', [
      txNo,
      userId,
      name,
    ]);
    return true;
  } catch (error) {
    if (isDuplicateEntry(error)) return false;
    throw error;
  }
}
