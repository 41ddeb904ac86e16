import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessagingSettings } from './messaging-settings.js';
import { loadSettings } from './load-settings.js';
import { Setting } from './setting.decorator.js';
import { wholeNumber } from './setting-rules.js';
import { settingsTable } from './settings-table.js';
import { SettingsError } from './settings.error.js';

class SomeSettings extends MessagingSettings {
  readonly serviceName = 'some-service';

  @Setting({ name: 'PORT', rule: wholeNumber(0, 65_535), default: '56081', meaning: 'The port.' })
  readonly port!: number;
}

const complete = {
  MYSQL_URL: 'mysql://user:secret-password@127.0.0.1:3306/things',
  ROCKETMQ_ENDPOINTS: '127.0.0.1:8081',
};

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    loadSettings(SomeSettings, environment);
    return [];
  } catch (error) {
    return (error as SettingsError).problems;
  }
}

describe('loadSettings', () => {
  it('needs no more than the database and the broker', () => {
    expect(loadSettings(SomeSettings, complete)).toMatchObject({
      serviceName: 'some-service',
      port: 56081,
      host: '127.0.0.1',
      mysqlUrl: complete.MYSQL_URL,
      logLevel: 'log',
    });
  });

  it('takes an empty variable for an absent one, and trims the others', () => {
    expect(loadSettings(SomeSettings, { ...complete, PORT: ' ', HOST: ' 0.0.0.0 ' })).toMatchObject({
      port: 56081,
      host: '0.0.0.0',
    });
  });

  it('names every wrong setting in one report, with value and rule', () => {
    expect(problemsOf({ PORT: '80a', LOG_LEVEL: 'loud', ROCKETMQ_ENDPOINTS: 'localhost' })).toEqual([
      'MYSQL_URL is not set: it must be a URL of the form mysql://user:password@host:port/database.',
      'LOG_LEVEL is "loud", but must be one of verbose, debug, log, warn, error, fatal.',
      'ROCKETMQ_ENDPOINTS is "localhost", but must be one address of the form host:port.',
      'PORT is "80a", but must be a whole number from 0 to 65535.',
    ]);
  });

  it('refuses settings that do not fit together, with both values', () => {
    expect(problemsOf({ ...complete, BARRIER_RETENTION_MS: '3600000' })).toEqual([
      'BARRIER_RETENTION_MS: 3600000 is refused: at least 259200000, which is CHECK_HORIZON_MS; for so long the ' +
        'broker may check back on a half message or deliver a message, also one that reconciliation has sent again.',
      'OUTBOX_RETENTION_MS: 604800000 is refused: at most 3600000, which is BARRIER_RETENTION_MS; a message ' +
        'published again after that could no longer be told from a new one.',
    ]);
  });

  it('never shows a secret', () => {
    const problems = problemsOf({ ...complete, MYSQL_URL: 'mysql://user:hush@', ADMIN_TOKEN: 'hush hush' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('hush');
  });

  it.each(['65536', '-1', '1e3', '0x10', '1.5', '１'])('refuses the port %s', (PORT) => {
    expect(problemsOf({ ...complete, PORT })).toHaveLength(1);
  });

  it.each([
    'http://u:p@h/db',
    'mysql://u:p@h',
    'mysql://u:p@h/',
    'mysql://h/db',
    'mysql://u@h/a/b',
    'nonsense',
  ])('refuses the database URL %s', (MYSQL_URL) => {
    expect(problemsOf({ ...complete, MYSQL_URL })).toHaveLength(1);
  });

  it.each(['a:1;b:2', 'a:0', 'a:70000', 'http://a:1', ':1', 'a'])(
    'refuses the broker address %s',
    (address) => {
      expect(problemsOf({ ...complete, ROCKETMQ_ENDPOINTS: address })).toHaveLength(1);
    },
  );

  it('needs the address of the transport that is chosen, and no other', () => {
    const { MYSQL_URL } = complete;
    const remoting = { MYSQL_URL, ROCKETMQ_TRANSPORT: 'remoting' };
    expect(problemsOf({ MYSQL_URL })).toEqual([
      'ROCKETMQ_ENDPOINTS is not set: it must be one address of the form host:port.',
    ]);
    expect(problemsOf(remoting)).toEqual([
      'ROCKETMQ_NAMESRV is not set: it must be addresses of the form host:port, with ";" between them.',
    ]);
    expect(loadSettings(SomeSettings, { ...remoting, ROCKETMQ_NAMESRV: 'a:9876;[::1]:9876' })).toMatchObject({
      rocketmqTransport: 'remoting',
      rocketmqNameServers: ['a:9876', '[::1]:9876'],
    });
    expect(problemsOf({ ...complete, ROCKETMQ_TRANSPORT: 'http' })).toEqual([
      'ROCKETMQ_TRANSPORT is "http", but must be one of grpc, remoting.',
    ]);
  });

  it.each(['', 'a', 'a:1;', 'a:1,b:2', ';a:1'])('refuses the name servers "%s"', (ROCKETMQ_NAMESRV) => {
    expect(problemsOf({ ...complete, ROCKETMQ_TRANSPORT: 'remoting', ROCKETMQ_NAMESRV })).toHaveLength(1);
  });
});

describe('a secret from a file', () => {
  const secret = 'mysql://user:hush-hush@127.0.0.1:3306/things';
  const { ROCKETMQ_ENDPOINTS } = complete;
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'txmsg-settings-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  function write(name: string, contents: string | Buffer): string {
    const path = join(directory, name);
    writeFileSync(path, contents);
    return path;
  }

  it.each([
    ['as it is', secret],
    ['without the newline at its end', `${secret}\n`],
    ['without the Windows newline at its end', `${secret}\r\n`],
  ])('is read %s', (_what, contents) => {
    const MYSQL_URL_FILE = write('good', contents);
    expect(loadSettings(SomeSettings, { ROCKETMQ_ENDPOINTS, MYSQL_URL_FILE }).mysqlUrl).toBe(secret);
  });

  it('may be each of the secrets, and nothing else', () => {
    const files = {
      MYSQL_URL_FILE: write('url', secret),
      ADMIN_TOKEN_FILE: write('token', 'token-of-file\n'),
      ROCKETMQ_ACCESS_SECRET_FILE: write('access', 'secret-of-file\n'),
      LOG_LEVEL_FILE: write('level', 'loud'),
    };
    const environment = { ROCKETMQ_ENDPOINTS, ROCKETMQ_ACCESS_KEY: 'things', ...files };
    expect(loadSettings(SomeSettings, environment)).toMatchObject({
      mysqlUrl: secret,
      adminToken: 'token-of-file',
      rocketmqAccessSecret: 'secret-of-file',
      logLevel: 'log',
    });
  });

  it('is refused beside the variable itself', () => {
    const MYSQL_URL_FILE = write('both', secret);
    expect(problemsOf({ ...complete, MYSQL_URL_FILE })).toEqual([
      'MYSQL_URL and MYSQL_URL_FILE are both set; keep one of them.',
    ]);
  });

  it('counts as absent when the variable that names its file is empty', () => {
    expect(problemsOf({ ...complete, MYSQL_URL_FILE: ' ' })).toEqual([]);
  });

  it.each<[string, string | Buffer, string]>([
    ['empty', '\n \n', 'is empty'],
    ['too large', 'x'.repeat(16_385), 'is larger than 16384 bytes'],
    ['no text', Buffer.from([0xff, 0xfe]), 'is not UTF-8 text'],
  ])('is refused from a file that is %s, which is named', (_what, contents, problem) => {
    const path = write('bad', contents);
    expect(problemsOf({ ROCKETMQ_ENDPOINTS, MYSQL_URL_FILE: path })).toEqual([
      `MYSQL_URL_FILE names ${JSON.stringify(path)}, which ${problem}.`,
    ]);
  });

  it('is refused from a file that is not there, from a folder, and from a pipe that nobody writes to', () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const problems = (path: string) => problemsOf({ ROCKETMQ_ENDPOINTS, MYSQL_URL_FILE: path });
    expect(problems(join(directory, 'none'))).toEqual([expect.stringContaining('cannot be read (ENOENT)')]);
    expect(problems(directory)).toEqual([expect.stringContaining('is not a regular file')]);
    expect(problems(pipe)).toEqual([expect.stringContaining('is not a regular file')]);
  });

  it('is not shown when it breaks its rule', () => {
    const MYSQL_URL_FILE = write('wrong', 'hush-hush');
    const [problem, ...more] = problemsOf({ ROCKETMQ_ENDPOINTS, MYSQL_URL_FILE });
    expect(problem).toMatch(/^MYSQL_URL \(its value is not shown\) must be/);
    expect(more).toEqual([]);
  });
});

describe("RocketMQ's user and TLS", () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'txmsg-tls-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  function authorities(contents: string): Record<string, string> {
    const path = join(directory, 'ca.pem');
    writeFileSync(path, contents);
    return { ...complete, ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: path };
  }

  it('are off by default', () => {
    const settings = loadSettings(SomeSettings, complete);
    expect(settings).toMatchObject({ rocketmqTls: false });
    expect(settings).not.toHaveProperty('rocketmqAccessKey');
  });

  it.each([
    ['ROCKETMQ_ACCESS_KEY', 'ROCKETMQ_ACCESS_SECRET'],
    ['ROCKETMQ_ACCESS_SECRET', 'ROCKETMQ_ACCESS_KEY'],
  ])('refuse %s without %s', (given, missing) => {
    expect(problemsOf({ ...complete, [given]: 'hush' })).toEqual([
      `${given} is set, but ${missing} is not: set both, or neither.`,
    ]);
  });

  it('take a bundle of certificates', () => {
    const bundle = rootCertificates.slice(0, 2).join('\n');
    const { rocketmqTlsCa } = loadSettings(SomeSettings, authorities(bundle));
    expect(rocketmqTlsCa?.toString()).toBe(bundle);
  });

  it.each([
    ['holds no PEM certificate', 'not a certificate'],
    [
      'holds a broken certificate (number 2)',
      `${rootCertificates[0]}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    ],
    ['is empty', ''],
  ])('refuse a file that %s', (problem, contents) => {
    expect(problemsOf(authorities(contents))).toEqual([
      expect.stringMatching(/^ROCKETMQ_TLS_CA_FILE is ".*ca.pem", but must be the path of a file of PEM/),
    ]);
    expect(problemsOf(authorities(contents)).join()).toContain(`; it ${problem}.`);
  });

  it('refuse a file that is not there', () => {
    const environment = { ...complete, ROCKETMQ_TLS: 'true', ROCKETMQ_TLS_CA_FILE: join(directory, 'none') };
    expect(problemsOf(environment)).toEqual([expect.stringContaining('; it cannot be read (ENOENT).')]);
  });

  it('refuse authorities that nothing would use', () => {
    const environment = { ...authorities(rootCertificates[0] ?? ''), ROCKETMQ_TLS: 'false' };
    expect(problemsOf(environment)).toEqual([
      'ROCKETMQ_TLS_CA_FILE is set, but ROCKETMQ_TLS is not true: without TLS nothing uses it.',
    ]);
  });
});

describe('metrics', () => {
  const on = { ...complete, METRICS_ENABLED: 'true' };

  it.each([
    ['on loopback', on],
    ['on loopback by IPv6', { ...on, HOST: '::1' }],
    ['with a token', { ...on, HOST: '0.0.0.0', METRICS_TOKEN: 'a-token-of-16-characters' }],
    ['on a port that is private', { ...on, HOST: '10.0.0.7', METRICS_PORT_IS_PRIVATE: 'true' }],
    ['off anywhere', { ...complete, HOST: '0.0.0.0' }],
  ])('are accepted %s', (_where, environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'shop.example'])(
    'are never open to others by accident: %s',
    (HOST) => {
      expect(problemsOf({ ...on, HOST })).toEqual([
        `METRICS_ENABLED is true, and HOST is ${HOST}, where others could read the metrics: set METRICS_TOKEN, or set ` +
          'METRICS_PORT_IS_PRIVATE=true if only your own monitoring reaches that port.',
      ]);
    },
  );
});

describe('settingsTable', () => {
  it('lists the settings of the class and of its superclass', () => {
    const table = settingsTable(SomeSettings);
    expect(table).toContain('| `MYSQL_URL`, `MYSQL_URL_FILE` | (required) |');
    expect(table).toContain('| `PORT` | `56081` | The port. | a whole number from 0 to 65535 |');
    expect(table).toContain('| `ADMIN_TOKEN`, `ADMIN_TOKEN_FILE` | (none) |');
  });
});
