import { ProblemCode } from '@txmsg/contracts';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { AccountRegistrationRefusedError, type NewUserAccount } from './account-registration.js';

/** @throws AccountRegistrationRefusedError when `POST /user/register` has used the txNo */
export async function insertUser(
  manager: EntityManager,
  { txNo, userId, name }: Pick<NewUserAccount, 'txNo' | 'userId' | 'name'>,
): Promise<void> {
  try {
    await manager.query('INSERT INTO user_info (tx_no, user_id, name) VALUES (?, ?, ?)', [
      txNo,
      userId,
      name,
    ]);
  } catch (error) {
    if (!isDuplicateEntry(error)) throw error;
    throw new AccountRegistrationRefusedError(
      ProblemCode.TX_NO_CONFLICT,
      `txNo "${txNo}" was used before, for a user without a login account.`,
    );
  }
}

export async function deleteUser(
  manager: EntityManager,
  { txNo, userId }: Pick<NewUserAccount, 'txNo' | 'userId'>,
): Promise<void> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    'DELETE FROM user_info WHERE tx_no = ? AND user_id = ?',
    [txNo, userId],
  );
  if (affectedRows !== 1) throw new Error(`the user of the registration "${txNo}" is gone`);
}
