/** What an administrator does at RocketMQ; this entry brings no Nest. */
export {
  RocketmqAdmin,
  type ConsumerGroupOptions,
  type RocketmqAdminOptions,
  type RocketmqRights,
  type TopicMessageType,
} from './rocketmq-admin.js';
export {
  RocketmqAdminError,
  RocketmqAdminTimeoutError,
  type RocketmqCredentials,
} from './remoting-connection.js';
