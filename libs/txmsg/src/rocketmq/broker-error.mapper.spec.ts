import { describe, expect, it } from '@jest/globals';
import { describeFailure, refuseUnlessOk } from './broker-error.mapper.js';
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
      'User:bank2 has no permission to access Topic:t1 from 127.0.0.1, no matched policies.',
      'RocketMQ grants this user no right to it (User:bank2 has no permission to access Topic:t1',
    ],
  ])('says what to do about "%s"', (message, description) => {
    expect(describeFailure(startFailure(Code.UNAUTHORIZED, message))).toContain(description);
  });

  it('leaves out what the client puts before the words of RocketMQ', () => {
    expect(describeFailure(startFailure(Code.TOPIC_NOT_FOUND, 'no route'))).toBe(
      'the topic does not exist; create it with mqadmin updateTopic (no route)',
    );
  });
});
