import { describe, expect, it, jest } from '@jest/globals';
import { InvalidArgumentError } from '../errors/index.js';
import { DeadLetters } from './dead-letters.js';

describe('the list of dead letters', () => {
  it.each(['since', 'until'])('refuses a %s that the database could not compare', async (field) => {
    const page = jest.fn();
    const reader = { page } as never;
    const deadLetters = new DeadLetters(
      reader,
      {} as never,
      {} as never,
      {} as never,
      {} as never,
      {} as never,
    );
    for (const text of ['yesterday', '+010000-01-01T00:00:00Z']) {
      const listing = deadLetters.list({ [field]: new Date(text) });
      await expect(listing).rejects.toBeInstanceOf(InvalidArgumentError);
    }
    expect(page).not.toHaveBeenCalled();
  });
});
