import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TxMsgConfigurationError } from '../errors/index.js';
import { ConfiguredFaults, InjectedFaultError, type FaultRule } from './configured-faults.js';

describe('ConfiguredFaults', () => {
  it('is refused in production mode', () => {
    expect(() => new ConfiguredFaults([], [], 'production')).toThrow(TxMsgConfigurationError);
  });

  it('names every wrong rule at once', () => {
    const rules = [
      { point: 'no-such-point', action: 'kill' },
      { point: 'resolution.sent', action: 'explode', times: 0 },
    ] as unknown as FaultRule[];
    expect(() => new ConfiguredFaults(rules)).toThrow(/no-such-point[^]*explode[^]*times 0/);
  });

  it("takes the service's own points, and refuses any other", () => {
    const rule = { point: 'service:known', action: 'kill' } as const;
    expect(new ConfiguredFaults([rule], ['service:known']).current).toEqual([{ ...rule, left: 1 }]);
    const misspelt = { ...rule, point: 'service:konwn' } as const;
    expect(() => new ConfiguredFaults([misspelt], ['service:known'])).toThrow(
      /point "service:konwn" is unknown; known are .*, service:known/,
    );
  });

  it('throws at its point as often as it says, and only for its txNo', async () => {
    const faults = new ConfiguredFaults([{ point: 'resolution.sent', action: 'throw', times: 2, txNo: 'a' }]);
    await faults.at('resolution.sent', { txNo: 'b' });
    await faults.at('resolution.before-send', { txNo: 'a' });
    await expect(faults.at('resolution.sent', { txNo: 'a' })).rejects.toThrow(InjectedFaultError);
    await expect(faults.at('resolution.sent', { txNo: 'a' })).rejects.toThrow(InjectedFaultError);
    await faults.at('resolution.sent', { txNo: 'a' });
  });

  it('acts on the step of a batch that has its txNo, and says which', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const faults = new ConfiguredFaults([{ point: 'consume.begun', action: 'throw', txNo: 'b' }]);
    await faults.at('consume.begun', { txNos: ['a', 'c'] });
    await expect(faults.at('consume.begun', { txNos: ['a', 'b'] })).rejects.toThrow(InjectedFaultError);
    expect(warn.mock.calls).toEqual([[expect.objectContaining({ message: 'fault injected', txNo: 'b' })]]);
    await faults.at('consume.begun', { txNos: ['a', 'b'] });
    warn.mockRestore();
  });

  it('drops the connection of its step, and throws where there is none', async () => {
    const dropConnection = jest.fn();
    const faults = new ConfiguredFaults([{ point: 'consume.executed', action: 'drop-connection', times: 2 }]);
    await faults.at('consume.executed', { dropConnection });
    expect(dropConnection).toHaveBeenCalledTimes(1);
    await expect(faults.at('consume.executed', {})).rejects.toThrow(InjectedFaultError);
  });
});
