import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { UserSettings } from '../user-settings.js';
import { WebhookVerifier } from './webhook.verifier.js';

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const SECRET = secretOf(1);
const BODY = '{"type":"custody.result","data":{"requestNo":"r-1"}}';
const MINUTE_MS = 60_000;

interface Sent {
  readonly id?: string;
  readonly body?: string;
  readonly secret?: string;
  /** How long ago. */
  readonly ageMs?: number;
}

/** What a sender does who has nothing but the package. */
const headersOf = ({ id = 'msg_1', body = BODY, secret = SECRET, ageMs = 0 }: Sent = {}) => {
  const at = new Date(Date.now() - ageMs);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
};
const verifierOf = (...custodyWebhookSecrets: readonly string[]): WebhookVerifier =>
  new WebhookVerifier({ custodyWebhookSecrets } as Partial<UserSettings> as UserSettings);
const isProven = (headers: object, body: string | Buffer = BODY, verifier = verifierOf(SECRET)): boolean =>
  verifier.isProven(Buffer.from(body), headers as Record<string, string>);

describe('a webhook', () => {
  it('is proven by the signature of whoever knows the secret', () => {
    expect(isProven(headersOf())).toBe(true);
  });

  it('is proven by one of several signatures, as a sender makes them that rotates its secret', () => {
    const [old, young] = [headersOf({ secret: secretOf(2) }), headersOf()];
    const both = `${old['webhook-signature']} v1a,AAAA ${young['webhook-signature']}`;
    expect(isProven({ ...young, 'webhook-signature': both })).toBe(true);
  });

  it('is proven by either secret of a rotation, and by no third one', () => {
    const verifier = verifierOf(secretOf(2), SECRET);
    for (const secret of [SECRET, secretOf(2)]) {
      expect(isProven(headersOf({ secret }), BODY, verifier)).toBe(true);
    }
    expect(isProven(headersOf({ secret: secretOf(3) }), BODY, verifier)).toBe(false);
  });

  it.each(Array.from({ length: BODY.length }, (_unused, index) => index))(
    'is not proven when byte %d of its body is another one',
    (index) => {
      const bytes = Buffer.from(BODY);
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      expect(isProven(headersOf(), bytes)).toBe(false);
    },
  );

  it('is not proven when its body is written in another way, or is missing', () => {
    expect(isProven(headersOf(), ` ${BODY}`)).toBe(false);
    expect(isProven(headersOf(), '')).toBe(false);
  });

  it('is not proven when bytes that are no text would be read as the same character', () => {
    const signed = headersOf({ body: '"\ufffd"' });
    expect(isProven(signed, '"\ufffd"')).toBe(true);
    expect(isProven(signed, Buffer.from([0x22, 0xff, 0x22]))).toBe(false);
  });

  it.each([
    ['five minutes and a second old', 5 * MINUTE_MS + 1000],
    ['an hour old', 60 * MINUTE_MS],
    ['of a clock that is six minutes ahead', -6 * MINUTE_MS],
  ])('is not proven when it is %s', (_what, ageMs) => {
    expect(isProven(headersOf({ ageMs }))).toBe(false);
  });

  it('is not proven when its time stamp is moved into the window', () => {
    const old = headersOf({ ageMs: 6 * MINUTE_MS });
    expect(isProven({ ...old, 'webhook-timestamp': headersOf()['webhook-timestamp'] })).toBe(false);
  });

  it('is not proven under another id', () => {
    expect(isProven({ ...headersOf(), 'webhook-id': 'msg_2' })).toBe(false);
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('is not proven without %s', (name) => {
    expect(isProven({ ...headersOf(), [name]: undefined })).toBe(false);
  });

  it.each(['', 'v1', 'v1,', 'v2,AAAA', 'nonsense', ','])(
    'is not proven by the signature "%s"',
    (signature) => {
      expect(isProven({ ...headersOf(), 'webhook-signature': signature })).toBe(false);
    },
  );
});

it('cannot be received by a service that was told no secret, which says so', () => {
  const verifier = new WebhookVerifier({} as UserSettings);
  expect(() => isProven(headersOf(), BODY, verifier)).toThrow(/without CUSTODY_WEBHOOK_SECRETS/);
});
