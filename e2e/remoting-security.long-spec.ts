import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bank } from '@txmsg/contracts';
import type { ServiceProcess } from './kit/service-process.js';
import { makeCertificates } from './kit/certificates.js';
import { transfer } from './kit/http.js';
import { LockedBanks } from './kit/locked-banks.js';
import { expectAllEnded } from './kit/money.js';
import { PATIENCE, untilReady, untilRefused } from './kit/readiness.js';

/** The brokers take TLS only, and know their users; the name server takes anybody, in plain text. */
describe('with banks that speak to locked brokers by their own protocol', () => {
  let locked: LockedBanks;

  beforeAll(async () => {
    locked = await LockedBanks.create('remoting_tls');
  }, 300_000);
  afterAll(() => locked.close());

  function launch(bank: Bank, settings: Readonly<Record<string, string>> = {}): ServiceProcess {
    const tls = { ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: locked.authorityFile };
    return locked.launch(bank, { ROCKETMQ_TRANSPORT: 'remoting', ...tls, ...settings });
  }

  it('transfers go through, signed and encrypted', async () => {
    const bank1 = launch('bank1');
    const bank2 = launch('bank2');
    await untilReady(bank1, bank2);
    const pair = await locked.banks.books.openPair('remoting', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'remoting', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(locked.banks.books, PATIENCE.timeoutMs);
    expect(await locked.banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
  });

  it.each<[string, string, () => Promise<Record<string, string>> | Record<string, string>]>([
    [
      'without a user',
      'RocketMQ wants a user and its secret, and none is configured',
      () => ({ ROCKETMQ_ACCESS_KEY: '', ROCKETMQ_ACCESS_SECRET: '' }),
    ],
    [
      'with a wrong secret',
      'RocketMQ does not know this user, or its secret is another one',
      () => ({ ROCKETMQ_ACCESS_SECRET: 'guess' }),
    ],
    [
      "with the other bank's user",
      'RocketMQ grants this user no right to it',
      () => locked.users.settings('bank1'),
    ],
    [
      'that trusts another authority',
      "the server's certificate does not come from a trusted authority",
      async () => ({
        ROCKETMQ_TLS_CA_FILE: (await makeCertificates(join(locked.directory, 'other'))).authorityFile,
      }),
    ],
  ])('a bank %s is refused, and says why', async (_how, reason, settings) => {
    const bank = launch('bank2', await settings());
    await untilRefused(bank, reason);
    await bank.kill('SIGTERM');
  });

  it('a bank that speaks plain text is refused', async () => {
    const bank = launch('bank2', { ROCKETMQ_TLS: 'false', ROCKETMQ_TLS_CA_FILE: '' });
    await untilRefused(bank, 'does it want TLS?');
    await bank.kill('SIGTERM');
  });
});
