import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RocketmqAdmin } from 'txmsg/admin';
import type { BankProcess } from './kit/bank-process.js';
import type { Bank } from '@txmsg/bank/provisioning';
import { BankUsers, newSecret } from './kit/bank-users.js';
import { makeCertificates } from './kit/certificates.js';
import { transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { PATIENCE, untilReady, untilRefused } from './kit/readiness.js';
import { TestBanks } from './kit/test-banks.js';

/** As it would be run in earnest: TLS only, and access control. */
describe('with a RocketMQ that speaks TLS only', () => {
  const directory = mkdtempSync(join(tmpdir(), 'txmsg-certificates-'));
  let own: OwnServers;
  let banks: TestBanks;
  let admin: RocketmqAdmin;
  let users: BankUsers;
  let authorityFile: string;

  beforeAll(async () => {
    const tls = await makeCertificates(join(directory, 'right'));
    authorityFile = tls.authorityFile;
    const administrator = { accessKey: 'administrator', accessSecret: newSecret() };
    own = await OwnServers.start({}, { administrator, tls });
    banks = await TestBanks.create('tls', own.servers);
    admin = banks.admin();
    users = await BankUsers.create(admin, banks);
  }, 300_000);
  afterAll(async () => {
    admin.close();
    await banks.close();
    await own.stop();
    rmSync(directory, { recursive: true });
  });

  function launch(bank: Bank, settings: Readonly<Record<string, string>>): BankProcess {
    const port = own.servers.endpoints.split(':')[1] ?? '';
    const byName = { ROCKETMQ_ENDPOINTS: `localhost:${port}` };
    return banks.launch(bank, { ...users.settings(bank), ...byName, ...settings });
  }

  it('banks that trust its authority make transfers', async () => {
    const tls = { ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: authorityFile };
    const bank1 = launch('bank1', tls);
    const bank2 = launch('bank2', tls);
    await untilReady(bank1, bank2);
    const pair = await banks.books.openPair('tls', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'tls', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(banks.books, PATIENCE.timeoutMs);
    expect(await banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
  });

  it('a bank that trusts another authority says that it does not trust the certificate', async () => {
    const other = await makeCertificates(join(directory, 'other'));
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
