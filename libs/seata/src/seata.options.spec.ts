import { describe, expect, it } from '@jest/globals';
import { TxMsgConfigurationError } from 'txmsg';
import { resolveSeataOptions, type SeataOptions } from './seata.options.js';

const least = { server: '10.0.0.1:8091', applicationId: 'app' };

describe('the options', () => {
  it('need a server and a name, and have bounds by default', () => {
    expect(resolveSeataOptions(least)).toMatchObject({
      server: { host: '10.0.0.1', port: 8091 },
      txServiceGroup: 'default_tx_group',
      globalTimeoutMs: 60_000,
      branchTimeoutMs: 10_000,
      acceptXidFrom: 'anyone',
    });
  });

  it('are refused with every wrong one in one report', () => {
    const wrong = {
      server: 'http://a:8091',
      applicationId: 'x'.repeat(33),
      txServiceGroup: 'a b',
      callTimeoutMs: 0,
      globalTimeoutMs: 999,
      branchTimeoutMs: 15_000,
      reconnectMinMs: 9000,
      endTimeoutMs: 1.5,
      acceptXidFrom: 'friends',
    } as unknown as SeataOptions;
    const refusal = (): unknown => resolveSeataOptions(wrong);
    expect(refusal).toThrow(TxMsgConfigurationError);
    for (const name of [...Object.keys(wrong).filter((key) => key !== 'reconnectMinMs'), 'reconnectMaxMs']) {
      expect(refusal).toThrow(new RegExp(`${name}: `));
    }
  });
});
