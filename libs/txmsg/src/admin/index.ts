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
