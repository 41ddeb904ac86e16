import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import {
  BANK1_RESULT_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  RESULT_TOPIC,
  TRANSFER_TOPIC,
} from '@txmsg/contracts';
import type { RocketmqAdmin, RocketmqCredentials } from 'txmsg/admin';
import { bankRights } from './bank-rights.js';

export type BankUsers = Readonly<Record<'bank1' | 'bank2', RocketmqCredentials>>;

/**
 * Makes the users of both banks at every broker, with these secrets and with the rights that each needs.
 * @throws RocketmqAdminError when name server or broker are away or refuse
 */
export async function putBankUsers(admin: RocketmqAdmin, users: BankUsers): Promise<void> {
  const rights = bankRights({
    transferTopic: TRANSFER_TOPIC,
    resultTopic: RESULT_TOPIC,
    consumerGroup: BANK2_CONSUMER_GROUP,
    resultConsumerGroup: BANK1_RESULT_CONSUMER_GROUP,
  });
  for (const bank of ['bank1', 'bank2'] as const) {
    await admin.putUser(users[bank]);
    await admin.addRights(users[bank].accessKey, rights[bank]);
  }
}

/** The user of a bank, from the file that holds the bank's own settings. @throws Error naming file and setting */
export function readBankUser(file: string): RocketmqCredentials {
  const { ROCKETMQ_ACCESS_KEY, ROCKETMQ_ACCESS_SECRET } = parseEnv(readFileSync(file, 'utf8'));
  if (!ROCKETMQ_ACCESS_KEY || !ROCKETMQ_ACCESS_SECRET) {
    throw new Error(`${file} must have the lines ROCKETMQ_ACCESS_KEY=… and ROCKETMQ_ACCESS_SECRET=…`);
  }
  return { accessKey: ROCKETMQ_ACCESS_KEY, accessSecret: ROCKETMQ_ACCESS_SECRET };
}
