import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '@txmsg/service';
import { hasAccounts, UserSettings } from './user-settings.js';

const ENVIRONMENT = { MYSQL_URL: 'mysql://u:p@localhost/d', ROCKETMQ_ENDPOINTS: 'localhost:1' };
const read = (environment: Record<string, string>): UserSettings =>
  loadSettings(UserSettings, { ...ENVIRONMENT, ...environment });
const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe("user's settings", () => {
  it('need nothing of the custody bank', () => {
    expect([read({}).custodyUrl, read({}).custodyWebhookSecrets]).toEqual([undefined, undefined]);
    expect(read({}).custodyAskLadderMs).toHaveLength(8);
  });

  it.each([24, 32, 64])('take a secret of %d bytes', (bytes) => {
    expect(read({ CUSTODY_WEBHOOK_SECRETS: secretOf(bytes) }).custodyWebhookSecrets).toEqual([
      secretOf(bytes),
    ]);
  });

  it('take two secrets while they rotate', () => {
    const both = [secretOf(24), secretOf(25)];
    expect(read({ CUSTODY_WEBHOOK_SECRETS: both.join(', ') }).custodyWebhookSecrets).toEqual(both);
  });

  it.each([
    ['too short', secretOf(23)],
    ['too long', secretOf(65)],
    ['no base64', 'whsec_!!!!'],
    ['half of a character of base64', `${secretOf(24)}A`],
    ['without its prefix', Buffer.alloc(24).toString('base64')],
    ['a third one', [24, 25, 26].map(secretOf).join(',')],
    ['one of nothing', `${secretOf(24)},`],
  ])('refuse a secret that is %s, and do not print it', (_what, secrets) => {
    const reading = (): UserSettings => read({ CUSTODY_WEBHOOK_SECRETS: secrets });
    expect(reading).toThrow(/CUSTODY_WEBHOOK_SECRETS/);
    expect(reading).not.toThrow(secrets);
  });

  it.each([
    ['100', [100]],
    ['100, 200,604800000', [100, 200, 604_800_000]],
  ])('take the ladder %s', (text, pauses) => {
    expect(read({ CUSTODY_ASK_LADDER_MS: text }).custodyAskLadderMs).toEqual(pauses);
  });

  it.each(['0', '100,', '1.5', '-1', '1e3', '604800001', 'a', Array(51).fill('1').join(',')])(
    'refuse the ladder %s',
    (text) => {
      expect(() => read({ CUSTODY_ASK_LADDER_MS: text })).toThrow(/CUSTODY_ASK_LADDER_MS/);
    },
  );

  it('ask at no address where others could answer, unless a secret proves the answers', () => {
    const away = { CUSTODY_URL: 'http://custody.example:56087' };
    expect(() => read(away)).toThrow(/CUSTODY_URL is .* PEER_SHARED_SECRET/);
    expect(read({ ...away, PEER_SHARED_SECRET: 'a-secret-of-16-bytes' }).custodyUrl).toBe(away.CUSTODY_URL);
    expect(read({ CUSTODY_URL: 'http://127.0.0.1:56087' }).custodyUrl).toBeDefined();
  });

  it('need nothing of login accounts, and both the coordinator and identity when there are any', () => {
    expect(hasAccounts(read({}))).toBe(false);
    const both = { SEATA_SERVER: '127.0.0.1:8091', IDENTITY_URL: 'http://127.0.0.1:56183' };
    expect(hasAccounts(read(both))).toBe(true);
    for (const [given, missing] of [
      ['SEATA_SERVER', 'IDENTITY_URL'],
      ['IDENTITY_URL', 'SEATA_SERVER'],
    ] as const) {
      expect(() => read({ [given]: both[given] })).toThrow(`${given} is set, but ${missing} is not`);
    }
  });

  it('take no stranger for identity', () => {
    const away = { SEATA_SERVER: '127.0.0.1:8091', IDENTITY_URL: 'http://identity.example:56183' };
    expect(() => read(away)).toThrow(/IDENTITY_URL is .* PEER_SHARED_SECRET/);
    expect(hasAccounts(read({ ...away, PEER_SHARED_SECRET: 'a-secret-of-16-bytes' }))).toBe(true);
  });
});
