import type { RocketmqRights } from 'txmsg/admin';

export interface MessagingNames {
  readonly transferTopic: string;
  readonly resultTopic: string;
  /** bank2's. */
  readonly consumerGroup: string;
  /** bank1's. */
  readonly resultConsumerGroup: string;
}

/** What each bank needs at a RocketMQ whose access control is on, and nothing else. */
export function bankRights(names: MessagingNames): Record<'bank1' | 'bank2', RocketmqRights> {
  const { transferTopic, resultTopic, consumerGroup, resultConsumerGroup } = names;
  return {
    bank1: {
      publish: [transferTopic],
      subscribe: { topics: [resultTopic], groups: [resultConsumerGroup] },
    },
    bank2: {
      publish: [resultTopic],
      subscribe: { topics: [transferTopic], groups: [consumerGroup] },
    },
  };
}
