import { describe, expect, it } from '@jest/globals';
import { isDatabaseTrouble } from './mysql-errors.js';
import { pinSession, type DriverConnection } from './session-settings.js';

describe('pinSession', () => {
  it('counts a server that takes the connection and is mute then as trouble of the database', async () => {
    let isClosed = false;
    const mute: DriverConnection = {
      config: { connectTimeout: 20 },
      promise: () => ({ query: () => new Promise(() => undefined) }),
      on: () => undefined,
      destroy: () => {
        isClosed = true;
      },
    };
    const error: unknown = await pinSession(mute).catch((reason: unknown) => reason);
    // A service that is starting waits for such a server, instead of ending.
    expect(isDatabaseTrouble(error)).toBe(true);
    expect(isClosed).toBe(true);
  });
});
