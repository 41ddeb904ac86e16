import { topicsOf, type Service } from '@txmsg/contracts';
import type { RocketmqAdmin } from 'txmsg/admin';

const TOPIC_DEADLINE_MS = 30_000;

/**
 * The topics and groups of these services, as soon as clients can find them; repeating it changes nothing. Groups are
 * made beforehand because a gRPC consumer of an unknown group never finishes starting, and with positions because
 * it could else begin at the newest message.
 * @throws RocketmqAdminError when name server or broker are away or refuse
 */
export async function createTopicsAndGroups(
  admin: RocketmqAdmin,
  services: readonly Service[],
): Promise<void> {
  const topics = topicsOf(services);
  const consumers = services.flatMap(({ consumes }) => consumes);
  const groups = [
    ...services.flatMap(({ producerGroups }) => producerGroups),
    ...consumers.map(({ group }) => group),
  ];
  for (const { topic, type } of topics) await admin.createTopic(topic, type);
  for (const group of groups) await admin.createConsumerGroup(group);
  for (const { group, topic } of consumers) await admin.startGroupAtFirstMessage(group, topic);
  for (const { topic } of topics) await admin.whenTopicExists(topic, TOPIC_DEADLINE_MS);
}
