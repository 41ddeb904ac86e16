import { describe, expect, it } from '@jest/globals';
import { AtIsOffError } from '../errors/at.errors.js';
import { AtTransactions } from './at-transactions.js';
import { resolveAtOptions } from './at.options.js';
import { GlobalLocks } from './global-locks.js';

/** Throws on any use: without AT nothing may be registered or asked. */
const UNUSED = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`${String(name)} was used`);
    },
  },
) as never;

describe('a service without the option `at`', () => {
  const settings = resolveAtOptions(undefined, {});

  it('refuses to run an AT transaction, which nobody would commit or roll back', async () => {
    const at = new AtTransactions(UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, settings);
    await expect(at.run(() => Promise.resolve())).rejects.toThrow(AtIsOffError);
  });

  it('refuses to look for global locks, which are those of another database', async () => {
    const locks = new GlobalLocks(UNUSED, settings);
    await expect(locks.assertFree('x:1:2', 'account', '1')).rejects.toThrow(
      '"GlobalLocks.assertFree" needs AT',
    );
  });
});
