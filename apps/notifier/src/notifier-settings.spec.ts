import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadSettings } from '@txmsg/service';
import { developmentKeyWarnings, NotifierSettings } from './notifier-settings.js';

const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/d', ROCKETMQ_ENDPOINTS: 'localhost:1' };
const settings = (more: object = {}): NotifierSettings =>
  loadSettings(NotifierSettings, { ...ENVIRONMENT, ...more });
const key = (): string => randomBytes(32).toString('base64');

describe("notifier's settings", () => {
  const { NODE_ENV } = process.env;
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  it('give the library its ladder and bounds', () => {
    expect(settings().webhooks).toMatchObject({
      ladderSeconds: [60, 300, 600, 1800, 3600, 7200, 18_000, 36_000],
      ...{ jitter: 0.1, allowHttp: false, privateAddressesAllowed: true },
    });
    const own = settings({ LADDER_SECONDS: '1, 2', JITTER_PERCENT: '0', PRIVATE_ADDRESSES_ALLOWED: 'false' });
    expect(own.webhooks).toMatchObject({ ladderSeconds: [1, 2], jitter: 0, privateAddressesAllowed: false });
  });

  it('fit the library also with the largest messages: what is told of one is small', () => {
    const { bodyBytesMax = 0 } = settings({ MESSAGE_BYTES_MAX: '3145728' }).webhooks;
    expect(bodyBytesMax).toBeLessThanOrEqual(1_048_576);
  });

  it.each([
    ['LADDER_SECONDS', '0'],
    ['LADDER_SECONDS', '60,'],
    ['LADDER_SECONDS', '1.5'],
    ['LADDER_SECONDS', Array.from({ length: 21 }, () => '1').join(',')],
    ['JITTER_PERCENT', '51'],
    ['WEBHOOK_SECRET_KEYS', 'short'],
    ['WEBHOOK_SECRET_KEYS', randomBytes(31).toString('base64')],
  ])('refuse %s=%s', (name, value) => {
    expect(() => settings({ [name]: value })).toThrow(name);
  });

  it('take several keys, refuse the public one in production, and warn of it elsewhere', () => {
    const keys = [key(), key()];
    expect(settings({ WEBHOOK_SECRET_KEYS: keys.join(',') }).webhooks.encryptionKeys).toEqual(keys);
    process.env.NODE_ENV = 'production';
    expect(() => settings()).toThrow(/WEBHOOK_SECRET_KEYS has the key of development/);
    expect(developmentKeyWarnings(settings({ WEBHOOK_SECRET_KEYS: key() }))).toEqual([]);
    delete process.env.NODE_ENV;
    expect(developmentKeyWarnings(settings())).toEqual([expect.stringContaining('which is public')]);
    process.env.NODE_ENV = 'development';
    expect(developmentKeyWarnings(settings())).toEqual([]);
  });
});
