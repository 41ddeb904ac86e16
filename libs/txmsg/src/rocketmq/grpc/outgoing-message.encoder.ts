import { PublishingMessage, type MessageQueue, type PublishingSettings } from 'rocketmq-client-nodejs';
import type { OutgoingMessage } from '../../broker/index.js';
import { SendMessageRequest, type wire } from './client-protocol.js';
import { refuseUnfitMessage } from '../outgoing-message.rules.js';

/**
 * The request that sends `message` through the broker of `queue`.
 * @throws InvalidArgumentError when the message would arrive changed, or not at all
 */
export function encodeSendRequest(
  message: OutgoingMessage,
  kind: 'half message' | 'message',
  settings: PublishingSettings,
  queue: MessageQueue,
  messageId: string,
): wire.SendMessageRequest {
  refuseUnfitMessage(message, queue.topic.name, settings.maxBodySizeBytes);
  const publishing = new PublishingMessage(
    {
      topic: message.topic,
      body: message.body,
      keys: [message.key],
      properties: new Map(Object.entries(message.properties)),
    },
    settings,
    kind === 'half message',
  );
  const wireMessage = publishing.toProtobuf('', queue);
  wireMessage.getSystemProperties()?.setMessageId(messageId);
  return new SendMessageRequest().setMessagesList([wireMessage]);
}
