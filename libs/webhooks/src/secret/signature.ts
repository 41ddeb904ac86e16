import { Webhook } from 'standardwebhooks';

/** The headers of Standard Webhooks. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs one call. Every secret that is valid now makes a signature, so that a receiver accepts the call with the old secret
 * or the new one. The time is that of the call, not of what it tells: a receiver refuses calls that are older than minutes.
 */
export function signatureHeaders(
  id: string,
  time: Date,
  body: string,
  secrets: readonly string[],
): SignatureHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, time, body)).join(' '),
  };
}
