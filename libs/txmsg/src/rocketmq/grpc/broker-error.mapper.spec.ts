import { describe, expect, it } from '@jest/globals';
import { BrokerError, BrokerUnavailableError } from '../../errors/index.js';
import { describeFailure, refuseUnlessOk, toBrokerError } from './broker-error.mapper.js';
import { Code } from './client-protocol.js';

/** As rocketmq-client-nodejs 1.0.8 wraps what keeps it from starting. */
function startFailure(code: number, message: string): Error {
  try {
    refuseUnlessOk({ code, message });
  } catch (cause) {
    const route = new Error('Failed to fetch topic routes after 3 attempts', { cause });
    return new Error('Startup the rocketmq client failed', { cause: route });
  }
  throw new Error('it was no refusal');
}

describe('toBrokerError', () => {
  it('tells a proxy that goes away under a call from one that refuses it', () => {
    const lost = Object.assign(new Error('14 UNAVAILABLE: read ECONNRESET'), { code: 14 });
    expect(toBrokerError(lost, 'send', 't', 1)).toBeInstanceOf(BrokerUnavailableError);
    const refused = toBrokerError(startFailure(Code.TOPIC_NOT_FOUND, 'no route'), 'send', 't', 1);
    expect(refused).toBeInstanceOf(BrokerError);
    expect(refused).not.toBeInstanceOf(BrokerUnavailableError);
  });
});

describe('the description of a failure', () => {
  it.each([
    [
      'check signature failed.',
      'RocketMQ does not know this user, or its secret is another one (check signature failed.)',
    ],
    [
      'User:who is not found.',
      'RocketMQ does not know this user, or its secret is another one (User:who is not',
    ],
    [
      'username cannot be null.',
      'RocketMQ wants a user and its secret, and none is configured (username cannot',
    ],
    [
      'User:clientA has no permission to access Topic:t1 from 127.0.0.1, no matched policies.',
      'RocketMQ grants this user no right to it (User:clientA has no permission to access Topic:t1',
    ],
  ])('says what to do about "%s"', (message, description) => {
    expect(describeFailure(startFailure(Code.UNAUTHORIZED, message))).toContain(description);
  });

  it.each([
    ['Error: unable to verify the first certificate.', 'does not come from a trusted authority'],
    ['Error: self-signed certificate.', 'does not come from a trusted authority'],
    ['Error: certificate has expired.', 'is not valid now'],
    [
      "Error: Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b.",
      'is for another host',
    ],
    ['Error: write EPROTO 140:error:0A00010B:SSL routines::wrong version number.', 'does not speak TLS'],
    ['Failed to connect (2026-11-21T17:31:26.667Z).', 'does it want TLS?'],
  ])('says what to do when TLS fails with "%s"', (words, advice) => {
    const error = Object.assign(
      new Error(`14 UNAVAILABLE: No connection established. Last error: ${words} Resolution note: `),
      { code: 14 },
    );
    expect(describeFailure(error)).toContain(advice);
  });

  it('says what to do when a message is larger than what is received', () => {
    const words = '8 RESOURCE_EXHAUSTED: Received message larger than max (17000000 vs. 16777216)';
    expect(describeFailure(Object.assign(new Error(words), { code: 8 }))).toContain('maxMessageSize');
  });

  it('is the same for the same failure at another time', () => {
    const at = (time: string): string =>
      describeFailure(new Error(`Last error: Failed to connect (${time}). Resolution note: `));
    expect(at('2026-11-21T17:31:26.667Z')).toBe(at('2026-11-21T17:31:27.075Z'));
  });

  it('leaves out what the client puts before the words of RocketMQ', () => {
    expect(describeFailure(startFailure(Code.TOPIC_NOT_FOUND, 'no route'))).toMatch(
      /^the topic does not exist; create it with mqadmin updateTopic .*-n localhost:9876 -c DefaultCluster.* \(no route\)$/,
    );
  });
});
