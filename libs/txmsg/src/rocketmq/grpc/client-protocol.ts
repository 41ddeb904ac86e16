/**
 * The protocol classes of rocketmq-client-nodejs 1.0.8 as named ES exports. They are CommonJS files that Node
 * cannot analyse, so they only come as default imports; here, and nowhere else, they get their names back.
 */
import utilities from 'rocketmq-client-nodejs/dist/util/index.js';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import serviceStub from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_grpc_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';

/** The types of the classes below, and of those that are only received. */
export type * as wire from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
export type {
  Message as WireMessage,
  Settings as WireSettings,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
export type MessagingStub = InstanceType<typeof serviceStub.MessagingServiceClient>;

export const { createDuration, createResource } = utilities;
export const {
  AddressScheme,
  Code,
  Encoding,
  MessageType,
  Permission,
  TransactionResolution,
  TransactionSource,
} = definition;
export const { MessagingServiceClient } = serviceStub;
export const {
  AckMessageEntry,
  AckMessageRequest,
  ChangeInvisibleDurationRequest,
  EndTransactionRequest,
  ReceiveMessageRequest,
  ReceiveMessageResponse,
  SendMessageRequest,
} = service;
