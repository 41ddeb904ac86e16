import { Module } from '@nestjs/common';
import { CustodyModule } from '../custody/custody.module.js';
import { CustodyWebhookController } from './custody-webhook.controller.js';
import { WebhookReceiver } from './webhook.receiver.js';
import { WebhookRetention } from './webhook.retention.js';
import { WebhookVerifier } from './webhook.verifier.js';

@Module({
  imports: [CustodyModule],
  controllers: [CustodyWebhookController],
  providers: [WebhookReceiver, WebhookRetention, WebhookVerifier],
})
export class WebhooksModule {}
