import { Injectable } from '@nestjs/common';
import {
  NOTIFIER_TOP_UP_CONSUMER_GROUP,
  NOTIFY_TOPIC,
  TOP_UP_WEBHOOK,
  TopUpResultMessage,
} from '@txmsg/contracts';
import { Webhooks } from '@txmsg/webhooks';
import { MessageListener, type IncomingMessage, type MessageHandler } from 'txmsg';
import type { EntityManager } from 'typeorm';

/**
 * Tells every subscriber of top-ups what became of one. Their notifications are written in the transaction of the message,
 * so a message that was consumed is told to all of them, and one that comes again to nobody twice.
 */
@Injectable()
@MessageListener({
  topic: NOTIFY_TOPIC,
  consumerGroup: NOTIFIER_TOP_UP_CONSUMER_GROUP,
  payload: TopUpResultMessage,
  txNo: ({ id }: TopUpResultMessage) => id,
})
export class TopUpResultListener implements MessageHandler<TopUpResultMessage> {
  constructor(private readonly webhooks: Webhooks) {}

  async onMessage(
    { id, accountNo, payAmount, result }: TopUpResultMessage,
    manager: EntityManager,
    { bornAtMs = Date.now() }: IncomingMessage,
  ): Promise<void> {
    await this.webhooks.enqueueForAll(manager, {
      key: id,
      type: TOP_UP_WEBHOOK,
      timestamp: new Date(bornAtMs),
      data: { id, accountNo, payAmount, result },
    });
  }
}
