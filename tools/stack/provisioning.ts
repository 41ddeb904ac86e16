import 'reflect-metadata';
import {
  BANK1_PRODUCER_GROUP,
  BANK1_RESULT_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  RESULT_TOPIC,
  TRANSFER_TOPIC,
} from '@txmsg/contracts';
import { RocketmqAdmin } from 'txmsg/testing';
import { createBankDatabase } from './bank-database.js';
import { waitUntil } from './wait-until.js';

/** Both banks' databases, tables, accounts and seed data; repeating it changes nothing. */
export async function provisionDatabases(rootUrl: string): Promise<void> {
  await createBankDatabase(rootUrl, 'bank1');
  await createBankDatabase(rootUrl, 'bank2');
}

/**
 * Topics and groups; repeating it changes nothing. Groups are made beforehand because a gRPC consumer of an
 * unknown group never finishes starting, and with positions because it would else begin at the newest message.
 */
export async function provisionTopics(namesrv: string): Promise<void> {
  const admin = new RocketmqAdmin({ namesrv });
  try {
    await admin.createTopic(TRANSFER_TOPIC, 'TRANSACTION');
    await admin.createTopic(RESULT_TOPIC, 'NORMAL');
    await admin.createConsumerGroup(BANK1_PRODUCER_GROUP);
    await admin.createConsumerGroup(BANK2_CONSUMER_GROUP);
    await admin.createConsumerGroup(BANK1_RESULT_CONSUMER_GROUP);
    await admin.startGroupAtFirstMessage(BANK2_CONSUMER_GROUP, TRANSFER_TOPIC);
    await admin.startGroupAtFirstMessage(BANK1_RESULT_CONSUMER_GROUP, RESULT_TOPIC);
    for (const topic of [TRANSFER_TOPIC, RESULT_TOPIC]) {
      await waitUntil(`The route of topic "${topic}"`, { deadlineMs: 30_000 }, () =>
        admin.topicExists(topic),
      );
    }
  } finally {
    admin.close();
  }
}
