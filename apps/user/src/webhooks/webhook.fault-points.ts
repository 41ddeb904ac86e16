/** The steps of receiving a webhook of custody at which a crash matters. */
export const CUSTODY_WEBHOOK_FAULT_POINTS = [
  'service:custody-webhook.verified',
  'service:custody-webhook.inserted',
  'service:custody-webhook.applied',
  'service:custody-webhook.before-commit',
  'service:custody-webhook.committed',
] as const;

export type CustodyWebhookFaultPoint = (typeof CUSTODY_WEBHOOK_FAULT_POINTS)[number];
