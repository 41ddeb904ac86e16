import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ServiceSettings } from '../configuration/service-settings.js';

/** What a caller who wants a signed answer sends: 16 to 64 bytes of its own choice, in hexadecimal. */
export const NONCE_HEADER = 'txmsg-nonce';
export const SIGNATURE_HEADER = 'txmsg-signature';
const NONCE = /^[0-9a-f]{32,128}$/;

/** All that a signature vouches for: the answer is to this very question, and to no earlier or other one. */
export interface SignedAnswer {
  readonly nonce: string;
  /** As it was asked for, with its query. */
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** Signs every answer that is asked for with a nonce, where both sides share a secret; the secret itself never travels. */
export function signAnswers(fastify: FastifyInstance, { answerSecret: secret }: ServiceSettings): void {
  if (secret === undefined) return;
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const nonce = request.headers[NONCE_HEADER];
    if (typeof nonce === 'string' && NONCE.test(nonce) && typeof payload === 'string') {
      const answer = { nonce, path: request.raw.url ?? '', status: reply.statusCode, body: payload };
      void reply.header(SIGNATURE_HEADER, signatureOf(answer, secret));
    }
    done(null, payload);
  });
}

export function signatureOf({ nonce, path, status, body }: SignedAnswer, secret: string): string {
  const signed = ['txmsg-answer-v1', nonce, path, String(status), body].join('\n');
  return `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`;
}

export function isSigned(answer: SignedAnswer, signature: string | null, secret: string): boolean {
  const expected = Buffer.from(signatureOf(answer, secret));
  const given = Buffer.from(signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
