import { Injectable } from '@nestjs/common';
import {
  CUSTODY_RESULT_TOPIC,
  CUSTODY_WEBHOOK,
  CustodyResultMessage,
  NOTIFIER_CUSTODY_CONSUMER_GROUP,
} from '@txmsg/contracts';
import { Webhooks } from '@txmsg/webhooks';
import { MessageListener, type IncomingMessage, type MessageHandler } from 'txmsg';
import type { EntityManager } from 'typeorm';

/** Tells every subscriber of the custody bank's results what became of a request, as `TopUpResultListener` does. */
@Injectable()
@MessageListener({
  topic: CUSTODY_RESULT_TOPIC,
  consumerGroup: NOTIFIER_CUSTODY_CONSUMER_GROUP,
  payload: CustodyResultMessage,
  txNo: ({ requestNo }: CustodyResultMessage) => requestNo,
})
export class CustodyResultListener implements MessageHandler<CustodyResultMessage> {
  constructor(private readonly webhooks: Webhooks) {}

  /** What is absent and what is null are the same contents. */
  normalizePayload(message: CustodyResultMessage): CustodyResultMessage {
    const { requestNo, status, custodyAccountNo = null, reason = null } = message;
    return { requestNo, status, custodyAccountNo, reason };
  }

  async onMessage(
    { requestNo, status, custodyAccountNo, reason }: CustodyResultMessage,
    manager: EntityManager,
    { bornAtMs = Date.now() }: IncomingMessage,
  ): Promise<void> {
    await this.webhooks.enqueueForAll(manager, {
      key: requestNo,
      type: CUSTODY_WEBHOOK,
      timestamp: new Date(bornAtMs),
      data: { requestNo, status, custodyAccountNo, reason },
    });
  }
}
