import type { Service } from '@txmsg/contracts';
import type { RocketmqRights } from 'txmsg/admin';

/** What a service needs at a RocketMQ whose access control is on, and nothing else. */
export function rightsOf({ publishes, consumes }: Pick<Service, 'publishes' | 'consumes'>): RocketmqRights {
  return {
    publish: publishes.map(({ topic }) => topic),
    subscribe: {
      topics: consumes.map(({ topic }) => topic),
      groups: consumes.map(({ group }) => group),
    },
  };
}
