import { describe, expect, it } from '@jest/globals';
import { loadSettings, SettingsError } from '@txmsg/service';
import { Bank1Settings } from './bank1-settings.js';

const complete = {
  MYSQL_URL: 'mysql://user:password@127.0.0.1:3306/bank1',
  ROCKETMQ_ENDPOINTS: '127.0.0.1:8081',
};

describe('Bank1Settings', () => {
  it('refuses a retention below the reconciliation horizon, and says what that is', () => {
    const load = (): Bank1Settings =>
      loadSettings(Bank1Settings, {
        ...complete,
        BARRIER_RETENTION_MS: '3600000',
        OUTBOX_RETENTION_MS: '3600000',
        CHECK_HORIZON_MS: '0',
        RECONCILE_AFTER_MS: '30000',
      });
    expect(load).toThrow(SettingsError);
    expect(load).toThrow(
      'BARRIER_RETENTION_MS: 3600000 is refused: at least 3635000, which is RECONCILE_AFTER_MS (30000), ' +
        'RECONCILE_INTERVAL_MS (5000) and the longest pause (3600000) together',
    );
  });

  it('takes one that is just long enough', () => {
    const settings = loadSettings(Bank1Settings, {
      ...complete,
      BARRIER_RETENTION_MS: '3665000',
      OUTBOX_RETENTION_MS: '3665000',
      CHECK_HORIZON_MS: '0',
    });
    expect(settings.reconciliationHorizon.ms).toBe(3_665_000);
  });
});

describe("bank1's way to bank2", () => {
  const load = (environment: Readonly<Record<string, string>>): Bank1Settings =>
    loadSettings(Bank1Settings, { ...complete, ...environment });

  it.each(['http://bank2:56082', 'http://192.0.2.1:56082', 'http://localhost.example:56082'])(
    'is refused when others could answer there: %s',
    (BANK2_URL) => {
      expect(() => load({ BANK2_URL })).toThrow(`BANK2_URL is ${BANK2_URL}, where others could answer`);
      expect(() => load({ BANK2_URL })).toThrow('BANK_SHARED_SECRET');
    },
  );

  it.each([
    {},
    { BANK2_URL: 'http://localhost:56082' },
    { BANK2_URL: 'http://127.0.0.1:9' },
    { BANK2_URL: 'http://[::1]:56082' },
    { BANK2_URL: 'https://bank2.example' },
    { BANK2_URL: 'http://bank2:56082', BANK_SHARED_SECRET: 'sixteen-letters!' },
    { BANK2_URL: 'http://bank2:56082', ACCEPT_UNSIGNED_ANSWERS: 'true' },
  ])('is accepted when nobody else can, or when it is said to be enough: %j', (environment) => {
    expect(load(environment).bank2Url).toMatch(/^https?:/);
  });

  it('is not opened by a secret that could be guessed', () => {
    expect(() => load({ BANK_SHARED_SECRET: 'fifteen-letters' })).toThrow(
      /^BANK_SHARED_SECRET \(its value is not shown\) must be 16 to 256/,
    );
  });
});

describe("bank1's way to pay", () => {
  const load = (environment: Readonly<Record<string, string>>): Bank1Settings =>
    loadSettings(Bank1Settings, { ...complete, ...environment });

  it('is refused when others could answer there, whatever bank2 is known by', () => {
    const environment = { PAY_URL: 'http://pay:56085', BANK_SHARED_SECRET: 'sixteen-letters!' };
    expect(() => load(environment)).toThrow('PAY_URL is http://pay:56085, where others could answer');
    expect(() => load(environment)).toThrow('PEER_SHARED_SECRET');
  });

  it.each([
    {},
    { PAY_URL: 'http://127.0.0.1:56085' },
    { PAY_URL: 'https://pay.example' },
    { PAY_URL: 'http://pay:56085', PEER_SHARED_SECRET: 'sixteen-letters!' },
  ])('is accepted when nobody else can, and may be missing: %j', (environment: { PAY_URL?: string }) => {
    expect(load(environment).payUrl).toBe(environment.PAY_URL);
  });

  it.each(['', '60000', '100, 200,300'])('has a ladder: "%s"', (TOP_UP_LADDER_MS) => {
    const { topUpLadderMs } = load({ TOP_UP_LADDER_MS });
    const given = TOP_UP_LADDER_MS === '' ? 8 : TOP_UP_LADDER_MS.split(',').length;
    expect(topUpLadderMs).toHaveLength(given);
  });

  it.each(['100,', '99', '1e3', 'a'])('refuses the ladder "%s"', (TOP_UP_LADDER_MS) => {
    expect(() => load({ TOP_UP_LADDER_MS })).toThrow('TOP_UP_LADDER_MS');
  });
});
