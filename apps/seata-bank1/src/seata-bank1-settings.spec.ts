import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '@txmsg/service';
import { SEATA_FAULT_POINTS } from '@txmsg/seata';
import { SeataBank1Settings } from './seata-bank1-settings.js';

const complete = {
  MYSQL_URL: 'mysql://user:password@127.0.0.1:3306/seata_bank1',
  SEATA_SERVER: '127.0.0.1:8091',
};
const load = (environment: Readonly<Record<string, string>> = {}): SeataBank1Settings =>
  loadSettings(SeataBank1Settings, { ...complete, ...environment });

describe('SeataBank1Settings', () => {
  it('need only the database and the coordinator', () => {
    expect(load()).toMatchObject({
      seataServer: '127.0.0.1:8091',
      seataApplicationId: 'seata-bank1',
      seataServiceGroup: 'default_tx_group',
      globalTimeoutMs: 30_000,
      acceptXidFrom: 'anyone',
      classicFaults: false,
    });
    for (const name of ['MYSQL_URL', 'SEATA_SERVER'] as const) {
      const rest = Object.fromEntries(Object.entries(complete).filter(([each]) => each !== name));
      expect(() => loadSettings(SeataBank1Settings, rest)).toThrow(name);
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
    ['BANK2_URL', 'bank2:56182'],
    ['BANK2_ADMIN_TOKEN', 'with a space'],
    ['TRANSFER_END_INTERVAL_MS', '-1'],
  ])('refuse %s=%j, and name it', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(name);
  });

  it('refuse an address of bank2 where others could answer in its place, unless its answers are proven', () => {
    const elsewhere = { BANK2_URL: 'http://bank2.example:56182' };
    expect(() => load(elsewhere)).toThrow(
      'BANK2_URL is http://bank2.example:56182, where others could answer',
    );
    const secret = { PEER_SHARED_SECRET: 'a-secret-of-both-banks' };
    expect(load({ ...elsewhere, ...secret })).toMatchObject({ answerSecret: 'a-secret-of-both-banks' });
    expect(load({ ...elsewhere, ACCEPT_UNSIGNED_ANSWERS: 'true' }).acceptUnsignedAnswers).toBe(true);
    expect(load({ BANK2_URL: 'https://bank2.example' }).bank2Url).toBe('https://bank2.example');
  });

  it('have the fault points of the service and of the library', () => {
    const { faultPoints } = load();
    expect(faultPoints).toEqual(expect.arrayContaining([...SEATA_FAULT_POINTS, 'service:transfer.begun']));
    expect(new Set(faultPoints).size).toBe(faultPoints.length);
  });
});
