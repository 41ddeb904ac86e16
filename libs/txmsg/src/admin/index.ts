/** What an administrator does at RocketMQ; this entry brings no Nest. */
export {
  RocketmqAdmin,
  type ConsumerGroupOptions,
  type RocketmqAdminOptions,
  type RocketmqCredentials,
  type RocketmqRights,
  type TopicMessageType,
} from './rocketmq-admin.js';
export { RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.errors.js';
