export {
  RocketmqAdmin,
  type ConsumerGroupOptions,
  type RocketmqAdminOptions,
  type RocketmqCredentials,
  type RocketmqRights,
  type TopicMessageType,
} from './rocketmq-admin.js';
export { RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.errors.js';
