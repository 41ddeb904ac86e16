import { describe, expect, it } from '@jest/globals';
import { MessageQueue, type PublishingSettings } from 'rocketmq-client-nodejs';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import { InvalidArgumentError } from '../../errors/index.js';
import { messageTo } from '../../../test/broker-contract.bench.js';
import { encodeSendRequest } from './outgoing-message.encoder.js';

const SETTINGS = { maxBodySizeBytes: 100 } as PublishingSettings;
const QUEUE = new MessageQueue(
  new definition.MessageQueue()
    .setTopic(new definition.Resource().setName('t'))
    .setBroker(new definition.Broker().setEndpoints(new definition.Endpoints())),
);

describe('the request to send a message', () => {
  it("carries the id it is given, not the client's own", () => {
    const request = encodeSendRequest(messageTo('t', 'k', 'body'), 'half message', SETTINGS, QUEUE, 'ID');
    const [message] = request.getMessagesList();
    expect(message?.getSystemProperties()?.toObject()).toMatchObject({
      messageId: 'ID',
      keysList: ['k'],
      messageType: definition.MessageType.TRANSACTION,
    });
    expect(Buffer.from(message?.getBody_asU8() ?? []).toString()).toBe('body');
  });

  it('obeys the size that the broker allows', () => {
    const tooLarge = messageTo('t', 'k', 'x'.repeat(101));
    expect(() => encodeSendRequest(tooLarge, 'message', SETTINGS, QUEUE, 'ID')).toThrow(InvalidArgumentError);
  });

  it.each([
    ['a reserved property', { properties: { UNIQ_KEY: 'x' } }],
    ['a transient property', { properties: { '__RMQ.TRANSIENT.x': 'x' } }],
    ['a property value that is no string', { properties: { count: 1 as unknown as string } }],
    ['a property without a name', { properties: { '': 'x' } }],
    ['a separator in a property', { properties: { name: 'a\u0001b' } }],
    ['a body that is no Buffer', { body: 'text' as unknown as Buffer }],
    ['an empty body', { body: Buffer.alloc(0) }],
    ['a key with a blank', { key: 'a b' }],
    ['another topic', { topic: 'other' }],
  ])('refuses %s', (_what, part) => {
    const message = { ...messageTo('t', 'k'), ...part };
    expect(() => encodeSendRequest(message, 'message', SETTINGS, QUEUE, 'ID')).toThrow(InvalidArgumentError);
  });
});
