import { describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { isSigned, signatureOf, type SignedAnswer } from './answer-signature.js';
import { startServiceHttp } from './service-http.fixture.js';
import { ProblemException } from './problem.exception.js';

@Controller()
class ThingsController {
  @Get('things/here')
  here(): object {
    return { txNo: 'here', reason: '没有这个账户' };
  }

  @Get('things/not-here')
  notHere(): never {
    throw new ProblemException(ProblemCode.DEAD_LETTER_NOT_FOUND, 'No.', { txNo: 'not-here' });
  }
}

const SECRET = 'a-secret-of-both-sides';
const NONCE = 'ab'.repeat(16);

describe("a service's answers, where both sides share a secret", () => {
  async function ask(path: string, nonce: string | undefined, environment: Record<string, string>) {
    const app = await startServiceHttp({ controllers: [ThingsController], providers: [], environment });
    try {
      const headers = nonce === undefined ? {} : { 'txmsg-nonce': nonce };
      return await app.inject({ url: `/some-service/${path}`, headers });
    } finally {
      await app.close();
    }
  }

  it.each(['things/here', 'things/not-here', 'nothing?a=1'])(
    'are signed when a nonce asks for it: %s',
    async (path) => {
      const { statusCode: status, body, headers } = await ask(path, NONCE, { SHARED_SECRET: SECRET });
      const answer = { nonce: NONCE, path: `/some-service/${path}`, status, body };
      expect(isSigned(answer, String(headers['txmsg-signature']), SECRET)).toBe(true);
      expect(JSON.stringify(headers) + body).not.toContain(SECRET);
    },
  );

  it.each([
    ['without a nonce', undefined, { SHARED_SECRET: SECRET }],
    ['for a short nonce', 'abc', { SHARED_SECRET: SECRET }],
    ['for a nonce that is more than one line or word', `${NONCE} x`, { SHARED_SECRET: SECRET }],
    ['without a secret', NONCE, {}],
  ])('are not signed %s', async (_what, nonce, environment) => {
    const { headers, statusCode } = await ask('things/here', nonce, environment);
    expect([statusCode, headers['txmsg-signature']]).toEqual([200, undefined]);
  });

  const answer: SignedAnswer = { nonce: NONCE, path: '/things/t-1', status: 404, body: '{}' };
  const signature = signatureOf(answer, SECRET);

  it.each([
    ['another question', { ...answer, nonce: 'cd'.repeat(16) }, signature, SECRET],
    ['another thing', { ...answer, path: '/things/t-2' }, signature, SECRET],
    ['another status', { ...answer, status: 200 }, signature, SECRET],
    ['another body', { ...answer, body: '{ }' }, signature, SECRET],
    ['another secret', answer, signature, 'another-secret-of-others'],
    ['half of it', answer, signature.slice(0, -2), SECRET],
    ['none', answer, null, SECRET],
  ])('are not vouched for by the signature of %s', (_what, claimed, given, secret) => {
    expect(isSigned(claimed, given, secret)).toBe(false);
    expect(isSigned(answer, signature, SECRET)).toBe(true);
  });
});
