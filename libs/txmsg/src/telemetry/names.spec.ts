import { describe, expect, it } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { ATTRIBUTE, METRIC, OWN_ATTRIBUTE, OWN_METRIC, VALUE } from './names.js';

// The conventions have renamed three attributes (`messaging.system.name`, `rocketmq.message.type`, `rocketmq.message.keys`)
// and still publish the names before, which is what backends and other RocketMQ clients know at present.
/* eslint-disable @typescript-eslint/no-deprecated */

describe('the names of spans and metrics', () => {
  it('are those of the published messaging conventions', () => {
    expect(ATTRIBUTE).toEqual({
      system: conventions.ATTR_MESSAGING_SYSTEM,
      operationName: conventions.ATTR_MESSAGING_OPERATION_NAME,
      operationType: conventions.ATTR_MESSAGING_OPERATION_TYPE,
      destination: conventions.ATTR_MESSAGING_DESTINATION_NAME,
      consumerGroup: conventions.ATTR_MESSAGING_CONSUMER_GROUP_NAME,
      messageId: conventions.ATTR_MESSAGING_MESSAGE_ID,
      batchMessageCount: conventions.ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
      messageType: conventions.ATTR_MESSAGING_ROCKETMQ_MESSAGE_TYPE,
      messageKeys: conventions.ATTR_MESSAGING_ROCKETMQ_MESSAGE_KEYS,
      errorType: conventions.ATTR_ERROR_TYPE,
    });
    expect(METRIC).toEqual({
      operationDuration: conventions.METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
      sentMessages: conventions.METRIC_MESSAGING_CLIENT_SENT_MESSAGES,
      consumedMessages: conventions.METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES,
      processDuration: conventions.METRIC_MESSAGING_PROCESS_DURATION,
    });
    expect(VALUE).toEqual({
      system: conventions.MESSAGING_SYSTEM_VALUE_ROCKETMQ,
      send: conventions.MESSAGING_OPERATION_TYPE_VALUE_SEND,
      receive: conventions.MESSAGING_OPERATION_TYPE_VALUE_RECEIVE,
      process: conventions.MESSAGING_OPERATION_TYPE_VALUE_PROCESS,
      settle: conventions.MESSAGING_OPERATION_TYPE_VALUE_SETTLE,
      transaction: conventions.MESSAGING_ROCKETMQ_MESSAGE_TYPE_VALUE_TRANSACTION,
      normal: conventions.MESSAGING_ROCKETMQ_MESSAGE_TYPE_VALUE_NORMAL,
      otherError: conventions.ERROR_TYPE_VALUE_OTHER,
    });
  });

  it('are under a prefix of ours where the conventions have none', () => {
    for (const name of [...Object.values(OWN_ATTRIBUTE), ...Object.values(OWN_METRIC)]) {
      expect(name).toMatch(/^txmsg\.[a-z_.]+$/);
    }
  });
});
