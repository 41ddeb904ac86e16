import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from './kit/service-process.js';
import type { Bank } from '@txmsg/contracts';
import { makeCertificates } from './kit/certificates.js';
import { transfer } from './kit/http.js';
import { LockedBanks } from './kit/locked-banks.js';
import { expectAllEnded } from './kit/money.js';
import { PATIENCE, untilReady, untilRefused } from './kit/readiness.js';

/** As it would be run in earnest: TLS only, and access control. About the proxy; remoting has a suite of its own. */
describe('with a RocketMQ that speaks TLS only', () => {
  let locked: LockedBanks;

  beforeAll(async () => {
    locked = await LockedBanks.create('tls');
  }, 300_000);
  afterAll(() => locked.close());

  function launch(bank: Bank, settings: Readonly<Record<string, string>>): ServiceProcess {
    const port = locked.own.servers.endpoints.split(':')[1] ?? '';
    return locked.launch(bank, {
      ROCKETMQ_TRANSPORT: 'grpc',
      ROCKETMQ_ENDPOINTS: `localhost:${port}`,
      ...settings,
    });
  }

  it('banks that trust its authority make transfers', async () => {
    const tls = { ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: locked.authorityFile };
    const bank1 = launch('bank1', tls);
    const bank2 = launch('bank2', tls);
    await untilReady(bank1, bank2);
    const pair = await locked.banks.books.openPair('tls', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'tls', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(locked.banks.books, PATIENCE.timeoutMs);
    expect(await locked.banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
  });

  it('a bank that trusts another authority says that it does not trust the certificate', async () => {
    const other = await makeCertificates(join(locked.directory, 'other'));
    const bank = launch('bank2', { ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: other.authorityFile });
    await untilRefused(bank, "the proxy's certificate does not come from a trusted authority");
    await bank.kill('SIGTERM');
  });

  it('a bank that trusts the well-known authorities does too', async () => {
    const bank = launch('bank2', { ROCKETMQ_TLS: 'true' });
    await untilRefused(bank, "the proxy's certificate does not come from a trusted authority");
    await bank.kill('SIGTERM');
  });

  it('a bank that speaks plain text is told that TLS may be missing', async () => {
    const bank = launch('bank2', {});
    await untilRefused(bank, 'does it want TLS?');
    await bank.kill('SIGTERM');
  });
});
