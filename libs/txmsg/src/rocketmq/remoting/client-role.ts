import type { Fields } from './remoting-command.js';

/** What a client is at the broker: a producer for some groups, or a consumer of one topic for one group. */
export interface ClientRole {
  /** For logs: "producer of topic_x". */
  readonly name: string;
  readonly topic: string;
  readonly uses: 'READ' | 'WRITE';
  /** The type of topic that it sends to; none for a consumer, which takes any. */
  readonly topicType?: 'NORMAL' | 'TRANSACTION';
  /** The broker asks producers of a group about its half messages. */
  readonly producerGroups: readonly string[];
  readonly consumerGroup?: string;
}

/** HeartbeatData of 5.4.0. The broker forgets a client that is silent for 120 s. */
export function heartbeatOf({ topic, producerGroups, consumerGroup }: ClientRole, clientId: string): Buffer {
  const consumer = {
    groupName: consumerGroup,
    // As the proxy registers the official client's SimpleConsumer: both may share a group.
    consumeType: 'CONSUME_ACTIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [
      { topic, subString: '*', tagsSet: [], codeSet: [], subVersion: 0, expressionType: 'TAG' },
    ],
    unitMode: false,
  };
  const data = {
    clientID: clientId,
    producerDataSet: producerGroups.map((groupName) => ({ groupName })),
    consumerDataSet: consumerGroup === undefined ? [] : [consumer],
    // Any other value would mean that later heartbeats may leave the subscription out.
    heartbeatFingerprint: 0,
    isWithoutSub: false,
  };
  return Buffer.from(JSON.stringify(data));
}

/** One request to unregister for each group. */
export function farewellsOf({ producerGroups, consumerGroup }: ClientRole, clientID: string): Fields[] {
  const producers: Fields[] = producerGroups.map((producerGroup) => ({ clientID, producerGroup }));
  return consumerGroup === undefined ? producers : [...producers, { clientID, consumerGroup }];
}
