import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditTwoServers } from '@txmsg/bank/audit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { makeCertificates } from './kit/certificates.js';
import { call, transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { OwnMysql } from './kit/own-mysql.js';
import { PATIENCE, untilReady } from './kit/readiness.js';
import { sharedServers } from './kit/servers.js';
import { TestBanks } from './kit/test-banks.js';

/** What a database administrator may set for a whole server; each breaks a bank that relies on MySQL's defaults. */
const OTHER_DEFAULTS = [
  "sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT'",
  'autocommit = 0',
  "completion_type = 'CHAIN'",
  "transaction_isolation = 'SERIALIZABLE'",
  'sql_safe_updates = 1',
  'sql_select_limit = 1',
  'max_execution_time = 1',
  'max_sort_length = 4',
  "time_zone = '+05:00'",
  'innodb_lock_wait_timeout = 1000',
];

/** Everything that a service says when it ends at once. */
async function lastWords(instance: ServiceProcess): Promise<string> {
  expect(await instance.exited).toEqual({ code: 1, signal: null });
  return instance.output();
}

describe('with a MySQL that takes TLS only, and whose defaults are all others', () => {
  const directory = mkdtempSync(join(tmpdir(), 'txmsg-mysql-tls-'));
  let mysql: OwnMysql;
  let banks: TestBanks;
  let otherAuthority: string;

  beforeAll(async () => {
    const tls = await makeCertificates(join(directory, 'right'));
    otherAuthority = (await makeCertificates(join(directory, 'other'))).authorityFile;
    mysql = await OwnMysql.start(
      [
        '--require-secure-transport=ON',
        `--ssl-ca=${tls.authorityFile}`,
        `--ssl-cert=${tls.certificateFile}`,
        `--ssl-key=${tls.keyFile}`,
        // Clients' wishes are ignored then.
        '--skip-character-set-client-handshake',
        '--character-set-server=latin1',
        '--collation-server=latin1_swedish_ci',
      ],
      `ssl-ca=${encodeURIComponent(tls.authorityFile)}`,
    );
    await mysql.administer(...OTHER_DEFAULTS.map((setting) => `SET GLOBAL ${setting}`));
    banks = await TestBanks.create('mysql', { ...sharedServers(), mysqlRootUrl: mysql.rootUrl });
  }, 600_000);
  afterEach(() => {
    mysql.thaw();
  });
  afterAll(async () => {
    await banks.close();
    await mysql.stop();
    rmSync(directory, { recursive: true });
  });

  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(banks.mysqlUrl('bank1'));
    change(url);
    return url.href;
  };

  it('banks make transfers, and their audit agrees', async () => {
    const [bank1, bank2] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
    const pair = await banks.books.openPair('mysql', '10.00');
    expect((await transfer(bank1, { ...pair, txNo: 'over-tls', amount: '4.00' })).status).toBe(201);
    await expectAllEnded(banks.books, PATIENCE.timeoutMs);
    expect(await banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    const urls = { bank1: banks.mysqlUrl('bank1'), bank2: banks.mysqlUrl('bank2') };
    expect(await auditTwoServers(urls)).toMatchObject({ agrees: true });
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
  });

  it('a bank reaches it by an IPv6 address', async () => {
    const MYSQL_URL = urlWith((url) => {
      url.hostname = '[::ffff:127.0.0.1]';
    });
    const bank = banks.launch('bank1', { MYSQL_URL });
    await untilReady(bank);
    expect((await call(`${bank.url}/accounts/1`)).status).toBe(200);
    await bank.kill('SIGTERM');
  });

  it.each<[string, () => string, RegExp]>([
    [
      'that speaks plain text is told that TLS is wanted',
      () => urlWith((url) => (url.search = '')),
      /localhost:\d+\/\w+ \(MYSQL_URL\) cannot be used: its server wants TLS; add \?ssl=true to MYSQL_URL\./,
    ],
    [
      'that trusts another authority says that it does not trust the certificate',
      () => urlWith((url) => (url.search = `ssl-ca=${encodeURIComponent(otherAuthority)}`)),
      /its server could not be trusted over TLS/,
    ],
    [
      'with a parameter that is not understood is told which',
      () => urlWith((url) => (url.search = 'sslmode=REQUIRED')),
      /MYSQL_URL \(its value is not shown\) must be a URL.*it has the parameter "sslmode", which is not understood/,
    ],
  ])('a bank %s', async (_what, url, sentence) => {
    const MYSQL_URL = url();
    const instance = banks.launch('bank1', { MYSQL_URL, DATABASE_START_TIMEOUT_MS: '2000' });
    const words = await lastWords(instance);
    expect(words).toMatch(sentence);
    expect(words).not.toContain(new URL(MYSQL_URL).password);
  });

  it('a bank whose MySQL is frozen answers any number of reads 503, keeps none of them, and goes on afterwards', async () => {
    const heap = { NODE_OPTIONS: '--max-old-space-size=96', DATABASE_READ_TIMEOUT_MS: '1000' };
    const bank = await banks.start('bank1', heap);
    const path = `${bank.url}/accounts/1`;
    expect((await call(path)).status).toBe(200);
    mysql.freeze();
    for (let round = 0; round < 4; round++) {
      const answers = await flood(path, 1500);
      expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
      expect(answers.filter(({ retryAfter }) => retryAfter === undefined)).toEqual([]);
    }
    mysql.thaw();
    await eventually(async () => (await call(path)).status === 200, PATIENCE);
    await bank.kill('SIGTERM');
    expect(await bank.exited).toEqual({ code: 0, signal: null });
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
}

/** So many callers at the same moment. */
async function flood(url: string, callers: number): Promise<Answer[]> {
  const agent = new Agent({ maxSockets: callers });
  const ask = (): Promise<Answer> =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => {
        response.resume().on('end', () => {
          resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] });
        });
      }).on('error', reject);
    });
  try {
    return await Promise.all(Array.from({ length: callers }, ask));
  } finally {
    agent.destroy();
  }
}
