import { describe, expect, it } from '@jest/globals';
import { loadSettings, SettingsError } from '@txmsg/bank';
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
