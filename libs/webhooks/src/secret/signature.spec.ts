import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { signatureHeaders } from './signature.js';

const secret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const MINUTE_MS = 60_000;
const BODY = '{"type":"work.done","timestamp":"2026-01-31T08:00:00.000Z","data":{"text":"añ中"}}';

/** What a receiver does that was written with the package alone. */
const accepts = (secretOfReceiver: string, body: string, headers: object): boolean => {
  try {
    new Webhook(secretOfReceiver).verify(body, headers as Record<string, string>);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(WebhookVerificationError);
    return false;
  }
};

describe('a signed call', () => {
  const mine = secret();
  const headers = signatureHeaders('msg_1', new Date(), BODY, [mine]);

  it('is accepted by a receiver that was written with the package standardwebhooks alone', () => {
    expect(new Webhook(mine).verify(BODY, { ...headers })).toEqual(JSON.parse(BODY));
    expect(accepts(mine, BODY, headers)).toBe(true);
  });

  it('is refused with a changed byte, in the body, the id or the time', () => {
    expect(accepts(mine, BODY.replace('done', 'dome'), headers)).toBe(false);
    expect(accepts(mine, BODY, { ...headers, 'webhook-id': 'msg_2' })).toBe(false);
    const time = String(Number(headers['webhook-timestamp']) + 1);
    expect(accepts(mine, BODY, { ...headers, 'webhook-timestamp': time })).toBe(false);
  });

  it('is refused with an old time stamp, and with one from the future', () => {
    for (const minutes of [-6, 6]) {
      const time = new Date(Date.now() + minutes * MINUTE_MS);
      expect(accepts(mine, BODY, signatureHeaders('msg_1', time, BODY, [mine]))).toBe(false);
    }
  });

  it('is refused by who has another secret', () => {
    expect(accepts(secret(), BODY, headers)).toBe(false);
  });

  it('is accepted with either secret while both are valid', () => {
    const newer = secret();
    const both = signatureHeaders('msg_1', new Date(), BODY, [newer, mine]);
    expect([newer, mine, secret()].map((one) => accepts(one, BODY, both))).toEqual([true, true, false]);
  });
});
