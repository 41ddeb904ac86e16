import { Injectable } from '@nestjs/common';
import { USER_REGISTERED_TOPIC, type UserRegisteredMessage } from '@txmsg/contracts';
import { BoundedRead, storeOnce, type StoreOutcome } from '@txmsg/service';
import { DatabaseTransactions, LocalMessageOutbox, type TransactionContext } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { UserEntity } from '../users/user.entity.js';
import { userRows } from '../users/user.rows.js';
import { UserSettings } from '../user-settings.js';
import type { RegistrationFaultPoint } from './registration.fault-points.js';

/** What is stored when a user registers. */
export interface NewUser {
  /** Names the registration; each is made once. */
  readonly txNo: string;
  readonly userId: string;
  readonly name: string;
}

/** A user who is stored; `hasAccount`: another kind of registration has made them. */
export type StoredUser = UserEntity & { readonly hasAccount: boolean };

/** Writes a user and the message about it in one transaction: both are there, or neither is. */
@Injectable()
export class UserStore {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly outbox: LocalMessageOutbox,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
    private readonly settings: UserSettings,
  ) {}

  /** @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be */
  store({ txNo, userId, name }: NewUser): Promise<StoreOutcome> {
    return storeOnce(this.transactions, {
      txNo,
      timeoutMs: this.settings.registerTimeoutMs,
      insert: async (context) => {
        await this.at('begun', txNo, context);
        await context.entityManager.query('INSERT INTO user_info (tx_no, user_id, name) VALUES (?, ?, ?)', [
          txNo,
          userId,
          name,
        ]);
      },
      andThen: async (context) => {
        await this.at('user-inserted', txNo, context);
        const message: UserRegisteredMessage = { txNo, userId };
        await this.outbox.publish(context.entityManager, USER_REGISTERED_TOPIC, message, { txNo });
      },
      beforeCommit: (context) => this.at('before-commit', txNo, context),
    });
  }

  /**
   * The row of a txNo, and whether it is that of a registration with a login account, once no transaction holds it any more: a plain read would not see one that is being committed right
   * now, and "no row" would be a guess. Undefined: there is none, and the transaction that wrote one was rolled back.
   * @throws when the database does not answer, or the row stays locked
   */
  async find(txNo: string): Promise<StoredUser | undefined> {
    return this.read.run(async (manager) => {
      const [row] = await manager.query<UserEntity[]>(
        `SELECT tx_no AS txNo, user_id AS userId, name, create_time AS createTime
         FROM user_info WHERE tx_no = ? FOR SHARE`,
        [txNo],
      );
      if (row === undefined) return undefined;
      const { userId, name, createTime } = row;
      return { txNo, userId, name, createTime, hasAccount: await userRows.hasAccount(manager, userId) };
    });
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
