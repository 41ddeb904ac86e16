import { describe, expect, it, jest } from '@jest/globals';
import { InvalidArgumentError } from '../errors/index.js';
import { LocalMessageOutbox } from './local-message-outbox.js';

describe('publishing again what was published since a moment', () => {
  it.each([new Date('yesterday'), new Date('+010000-01-01T00:00:00Z'), new Date('-000001-12-31T23:59:59Z')])(
    'refuses %j, which the database could not compare',
    async (since) => {
      const revokeLeases = jest.fn();
      const outbox = new LocalMessageOutbox(
        { revokeLeases } as never,
        {} as never,
        {} as never,
        {} as never,
        {} as never,
      );
      await expect(outbox.republishSince(since)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(revokeLeases).not.toHaveBeenCalled();
    },
  );
});
