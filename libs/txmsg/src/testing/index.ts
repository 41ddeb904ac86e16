export { eventually, type EventuallyOptions } from './eventually.js';
export {
  RocketmqAdmin,
  RocketmqAdminError,
  RocketmqAdminTimeoutError,
  type ConsumerGroupOptions,
  type RocketmqAdminOptions,
  type TopicMessageType,
} from './rocketmq-admin.js';
