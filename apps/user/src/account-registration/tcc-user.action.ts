import { Injectable } from '@nestjs/common';
import { USER_REGISTERED_TOPIC, type UserRegisteredMessage } from '@txmsg/contracts';
import { TwoPhaseBusinessAction, type TccAction, type TccCall } from '@txmsg/seata';
import { LocalMessageOutbox } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { AccountRegistration } from './account-registration.js';
import { AccountRegistrationOverError } from './account-registration.js';
import { accountRegistrationRows } from './account-registration.rows.js';
import { deleteUser, insertUser } from './new-user.js';

/** What the coordinator keeps, and gives back to confirm and cancel; the rest is in the registration's row. */
interface Input {
  readonly txNo: string;
}

/**
 * Inserts the user, who is pending while the registration is open. Confirm ends it, and publishes the message about the user in
 * the same transaction; cancel deletes the user.
 */
@Injectable()
export class TccUserAction implements TccAction<Input, void> {
  constructor(private readonly outbox: LocalMessageOutbox) {}

  /** @throws AccountRegistrationRefusedError, AccountRegistrationOverError */
  @TwoPhaseBusinessAction({ name: 'user.registration' })
  async try({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    const user = await accountRegistrationRows.lockOpen(entityManager, { txNo: input.txNo, xid });
    await insertUser(entityManager, user);
  }

  async confirm({ entityManager, input: { txNo }, xid }: TccCall<Input>): Promise<void> {
    await accountRegistrationRows.commit(entityManager, { txNo, xid });
    const { userId } = await registrationOf(entityManager, txNo);
    const message: UserRegisteredMessage = { txNo, userId };
    await this.outbox.publish(entityManager, USER_REGISTERED_TOPIC, message, { txNo });
  }

  async cancel({ entityManager, input: { txNo }, xid }: TccCall<Input>): Promise<void> {
    if (!(await accountRegistrationRows.rollBackIfOpen(entityManager, { txNo, xid }))) {
      throw new AccountRegistrationOverError(txNo, xid);
    }
    await deleteUser(entityManager, await registrationOf(entityManager, txNo));
  }
}

async function registrationOf(manager: EntityManager, txNo: string): Promise<AccountRegistration> {
  const row = await accountRegistrationRows.find(manager, txNo);
  if (row === undefined) throw new Error(`the registration "${txNo}" is gone`);
  return row;
}
