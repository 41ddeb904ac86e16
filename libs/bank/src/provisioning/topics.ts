import {
  BANK1_PRODUCER_GROUP,
  BANK1_RESULT_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  RESULT_TOPIC,
  TRANSFER_TOPIC,
} from '@txmsg/contracts';
import type { RocketmqAdmin } from 'txmsg/admin';

/**
 * The topics and groups of both banks, as soon as clients can find them; repeating it changes nothing. Groups are
 * made beforehand because a gRPC consumer of an unknown group never finishes starting, and with positions because
 * it could else begin at the newest message.
 * @throws RocketmqAdminError when name server or broker are away or refuse
 */
export async function createTopicsAndGroups(admin: RocketmqAdmin): Promise<void> {
  await admin.createTopic(TRANSFER_TOPIC, 'TRANSACTION');
  await admin.createTopic(RESULT_TOPIC, 'NORMAL');
  await admin.createConsumerGroup(BANK1_PRODUCER_GROUP);
  await admin.createConsumerGroup(BANK2_CONSUMER_GROUP);
  await admin.createConsumerGroup(BANK1_RESULT_CONSUMER_GROUP);
  await admin.startGroupAtFirstMessage(BANK2_CONSUMER_GROUP, TRANSFER_TOPIC);
  await admin.startGroupAtFirstMessage(BANK1_RESULT_CONSUMER_GROUP, RESULT_TOPIC);
  for (const topic of [TRANSFER_TOPIC, RESULT_TOPIC]) await admin.whenTopicExists(topic, 30_000);
}
