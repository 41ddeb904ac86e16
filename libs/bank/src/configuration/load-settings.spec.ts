import { describe, expect, it } from '@jest/globals';
import { BankSettings } from './bank-settings.js';
import { loadSettings } from './load-settings.js';
import { Setting } from './setting.decorator.js';
import { wholeNumber } from './setting-rules.js';
import { settingsTable } from './settings-table.js';
import { SettingsError } from './settings.error.js';

class SomeBankSettings extends BankSettings {
  readonly bankName = 'some-bank';

  @Setting({ name: 'PORT', rule: wholeNumber(0, 65_535), default: '56081', meaning: 'The port.' })
  readonly port!: number;
}

const complete = {
  MYSQL_URL: 'mysql://user:secret-password@127.0.0.1:3306/bank1',
  ROCKETMQ_ENDPOINTS: '127.0.0.1:8081',
};

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    loadSettings(SomeBankSettings, environment);
    return [];
  } catch (error) {
    return (error as SettingsError).problems;
  }
}

describe('loadSettings', () => {
  it('needs no more than the database and the broker', () => {
    expect(loadSettings(SomeBankSettings, complete)).toMatchObject({
      bankName: 'some-bank',
      port: 56081,
      host: '127.0.0.1',
      mysqlUrl: complete.MYSQL_URL,
      logLevel: 'log',
      transferTopic: 'topic_txmsg',
    });
  });

  it('takes an empty variable for an absent one, and trims the others', () => {
    expect(loadSettings(SomeBankSettings, { ...complete, PORT: ' ', HOST: ' 0.0.0.0 ' })).toMatchObject({
      port: 56081,
      host: '0.0.0.0',
    });
  });

  it('names every wrong setting in one report, with value and rule', () => {
    expect(problemsOf({ PORT: '80a', LOG_LEVEL: 'loud', ROCKETMQ_ENDPOINTS: 'localhost' })).toEqual([
      'MYSQL_URL is not set: it must be a URL of the form mysql://user:password@host:port/database.',
      'ROCKETMQ_ENDPOINTS is "localhost", but must be one address of the form host:port.',
      'LOG_LEVEL is "loud", but must be one of verbose, debug, log, warn, error, fatal.',
      'PORT is "80a", but must be a whole number from 0 to 65535.',
    ]);
  });

  it('refuses settings that do not fit together, with both values', () => {
    expect(problemsOf({ ...complete, BARRIER_RETENTION_MS: '3600000' })).toEqual([
      'BARRIER_RETENTION_MS: 3600000 is refused: at least 259200000, which is CHECK_HORIZON_MS; for so long the ' +
        'broker may ask about a half message or deliver a message.',
      'OUTBOX_RETENTION_MS: 604800000 is refused: at most 3600000, which is BARRIER_RETENTION_MS; a message ' +
        'published again after that would be consumed twice.',
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
});

describe('settingsTable', () => {
  it('lists the settings of the class and of its superclass', () => {
    const table = settingsTable(SomeBankSettings);
    expect(table).toContain('| `MYSQL_URL` | (required) |');
    expect(table).toContain('| `PORT` | `56081` | The port. | a whole number from 0 to 65535 |');
    expect(table).toContain('| `ADMIN_TOKEN` | (none) |');
  });
});
