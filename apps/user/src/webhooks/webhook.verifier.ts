import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { custodyNotConfigured } from '../custody/custody.problems.js';
import { UserSettings } from '../user-settings.js';

/**
 * Knows the webhooks of custody by their signature, after the Standard Webhooks specification: over id, time stamp and the body
 * as it came. The package also refuses a time stamp that is more than five minutes off, so that a webhook that
 * somebody has recorded cannot be replayed after that; within these minutes its id shows that it was received before.
 */
@Injectable()
export class WebhookVerifier {
  private readonly webhooks: readonly Webhook[] | undefined;

  constructor({ custodyWebhookSecrets }: UserSettings) {
    this.webhooks = custodyWebhookSecrets?.map((secret) => new Webhook(secret));
  }

  /**
   * Whether one of the secrets, of which two are valid during a rotation, proves the webhook.
   * @throws ProblemException when this service was told no secret
   */
  isProven(body: Buffer, headers: IncomingHttpHeaders): boolean {
    if (this.webhooks === undefined) throw custodyNotConfigured('CUSTODY_WEBHOOK_SECRETS');
    // The package signs text: bytes that are none would all be read as the same character.
    if (!isUtf8(body)) return false;
    const signed = signedHeaders(headers);
    return this.webhooks.some((webhook) => isVerified(webhook, body, signed));
  }
}

/** A header that came twice is one text then, and no valid signature. */
function signedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}

function isVerified(webhook: Webhook, body: Buffer, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
