// The module and its options.
export { WebhooksModule, type WebhooksModuleAsyncOptions } from './webhooks.module.js';
export { DEFAULT_LADDER_SECONDS, type WebhooksOptions } from './webhooks.options.js';
export { DatabaseClock, WebhookClock } from './webhook-clock.js';
export type { Lookup } from './call/guarded-agent.js';
export { WEBHOOK_FAULT_POINTS } from './webhook-fault-point.js';
export { KEY_RULE, keyBytes } from './secret/secret-box.js';

// What is told, and how far that has come.
export { Webhooks, type Enqueued, type WebhookEvent, type WebhookNotification } from './delivery/webhooks.js';
export { WebhookDeliveries, type Redriven } from './delivery/webhook-deliveries.js';
export {
  DELIVERY_STATES,
  type Delivery,
  type DeliveryCall,
  type DeliveryDetail,
  type DeliveryPage,
  type DeliveryQuery,
  type DeliveryState,
} from './delivery/delivery.js';
export { GIVEN_UP_REASONS, type GivenUpReason } from './delivery/ladder.js';
export { CALL_OUTCOMES, type CallOutcome } from './call/call-result.js';

// Who is told.
export { WebhookSubscribers } from './subscriber/webhook-subscribers.js';
export {
  SUBSCRIBER_STATES,
  type NewSubscriber,
  type Subscriber,
  type SubscriberChanges,
  type SubscriberContents,
  type SubscriberState,
} from './subscriber/subscriber.js';
export { SubscriberNameTakenError } from './webhooks.errors.js';
