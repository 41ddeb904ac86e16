import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '@txmsg/service';
import { SEATA_FAULT_POINTS } from '@txmsg/seata';
import { SeataBank2Settings } from './seata-bank2-settings.js';

const complete = {
  MYSQL_URL: 'mysql://user:password@127.0.0.1:3306/seata_bank2',
  SEATA_SERVER: '127.0.0.1:8091',
};
const load = (environment: Readonly<Record<string, string>> = {}): SeataBank2Settings =>
  loadSettings(SeataBank2Settings, { ...complete, ...environment });

describe('SeataBank2Settings', () => {
  it('need only the database and the coordinator', () => {
    expect(load()).toMatchObject({
      seataServer: '127.0.0.1:8091',
      seataApplicationId: 'seata-bank2',
      seataServiceGroup: 'default_tx_group',
      globalTimeoutMs: 30_000,
      acceptXidFrom: 'anyone',
      classicFaults: false,
    });
    for (const name of ['MYSQL_URL', 'SEATA_SERVER'] as const) {
      const rest = Object.fromEntries(Object.entries(complete).filter(([each]) => each !== name));
      expect(() => loadSettings(SeataBank2Settings, rest)).toThrow(name);
    }
  });

  it.each([
    ['SEATA_SERVER', 'localhost'],
    ['SEATA_SERVER', 'http://localhost:8091'],
    ['SEATA_SERVER', 'localhost:99999'],
    ['SEATA_APPLICATION_ID', 'two words'],
    ['SEATA_APPLICATION_ID', 'x'.repeat(33)],
    ['SEATA_SERVICE_GROUP', 'a\tb'],
    ['GLOBAL_TIMEOUT_MS', '999'],
    ['GLOBAL_TIMEOUT_MS', '3600001'],
    ['ACCEPT_XID_FROM', 'somebody'],
    ['CLASSIC_FAULTS', 'yes'],
    ['PORT', '65536'],
  ])('refuse %s=%j, and name it', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(name);
  });

  it('have the fault points of the service and of the library', () => {
    const { faultPoints } = load();
    expect(faultPoints).toEqual(expect.arrayContaining([...SEATA_FAULT_POINTS, 'service:credit.received']));
    expect(new Set(faultPoints).size).toBe(faultPoints.length);
  });
});
