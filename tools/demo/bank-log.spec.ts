import { describe, expect, it } from '@jest/globals';
import { BankLog, says } from './bank-log.js';

const lines = [
  { message: 'bank1 listens', timestamp: 1 },
  { message: 'half message sent', txNo: 'other', timestamp: 2 },
  { message: 'half message sent', txNo: 'mine', timestamp: 3 },
];

describe('BankLog', () => {
  const log = new BankLog(() => lines);

  it('finds the line about one transfer', () => {
    expect(log.find('mine', says('half message sent'))).toMatchObject({ timestamp: 3 });
    expect(log.find('mine', says('half message'))).toBeUndefined();
  });

  it('waits for a line, and says what did not come', async () => {
    const wait = { what: 'The COMMIT', deadlineMs: 30, hint: 'Look there.' };
    await expect(log.waitFor('mine', says('half message sent'), wait)).resolves.toMatchObject({
      timestamp: 3,
    });
    await expect(log.waitFor('mine', says('never'), wait)).rejects.toThrow(
      'The COMMIT did not happen within 0.03 s. Look there.',
    );
  });
});
