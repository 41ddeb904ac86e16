import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RocketmqAdmin, RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.js';

const topic = 'topic_rocketmq_admin_spec';
const group = 'group_rocketmq_admin_spec';

describe('RocketmqAdmin', () => {
  let admin: RocketmqAdmin;

  beforeAll(async () => {
    admin = new RocketmqAdmin({ namesrv: process.env.ROCKETMQ_NAMESRV ?? '' });
    await admin.deleteTopic(topic);
    await admin.deleteGroup(group);
  });

  afterAll(() => {
    admin.close();
  });

  it.each(['TRANSACTION', 'FIFO', 'DELAY', 'NORMAL'] as const)(
    'makes a topic of type %s, again and again',
    async (type) => {
      await admin.createTopic(topic, type, 4);
      await admin.createTopic(topic, type, 4);
      await admin.whenTopicExists(topic, 30_000);
      expect(await admin.topicExists(topic)).toBe(true);
    },
  );

  it('makes a group and its positions, again and again', async () => {
    await admin.createConsumerGroup(group);
    await admin.startGroupAtFirstMessage(group, topic);
    await admin.startGroupAtFirstMessage(group, topic);
  });

  it('counts the messages of a topic, and none where there is no topic', async () => {
    await expect(admin.messagesEver(topic)).resolves.toBe(0);
    await expect(admin.messagesEver('topic_nowhere')).resolves.toBe(0);
    const counts = [...(await admin.messagesEverByBroker('topic_nowhere'))];
    expect(counts).toEqual([[expect.stringMatching(/^[\w-]+$/), 0]]);
  });

  it('deletes, whether or not there is anything', async () => {
    for (let time = 0; time < 2; time++) {
      await admin.deleteTopic(topic);
      await admin.deleteGroup(group);
    }
    expect(await admin.topicExists(topic)).toBe(false);
  });

  it('throws what the broker says', async () => {
    await expect(admin.createTopic('no name', 'NORMAL')).rejects.toThrow(/refused to create topic "no name"/);
    await expect(admin.startGroupAtFirstMessage(group, 'topic_nowhere')).rejects.toMatchObject({ code: 17 });
  });

  it('waits for what is not there, and only so long', async () => {
    await admin.whenBrokerRegistered(5000);
    const wait = admin.whenTopicExists('topic_nowhere', 500);
    await expect(wait).rejects.toThrow(RocketmqAdminTimeoutError);
    await expect(wait).rejects.toThrow('there was no topic "topic_nowhere" within 500 ms');
  });

  it('throws when nobody is there', async () => {
    const lost = new RocketmqAdmin({ namesrv: '127.0.0.1:1' });
    await expect(lost.topicExists(topic)).rejects.toThrow(RocketmqAdminError);
    await expect(lost.whenBrokerRegistered(0)).rejects.toThrow(
      /within 0 ms: 127\.0\.0\.1:1 cannot be reached/,
    );
    lost.close();
  });
});
