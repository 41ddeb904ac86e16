import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from './kit/faults.js';
import { TestBanks } from './kit/test-banks.js';

const START_DEADLINE_MS = 60_000;

describe('the fault switch', () => {
  let banks: TestBanks;

  beforeAll(async () => {
    banks = await TestBanks.create('switch');
  });
  afterAll(() => banks.close());

  it.each(['bank1', 'bank2'] as const)('keeps %s from starting in production mode', async (bank) => {
    const instance = banks.launch(bank, {
      NODE_ENV: 'production',
      ...faults({ point: 'consume.committed', action: 'kill' }),
    });
    expect(await instance.exitCode).toBe(1);
    expect(instance.output()).toContain('faults: fault injection is refused when NODE_ENV is "production"');
    expect(instance.logs().some(({ message }) => message.includes('listens on'))).toBe(false);
  });

  it.each(['bank1', 'bank2'] as const)('keeps %s from starting for a point that it has not', async (bank) => {
    const instance = banks.launch(bank, faults({ point: 'service:reconciliation.cliamed', action: 'kill' }));
    expect(await instance.exitCode).toBe(1);
    expect(instance.output()).toContain(
      'faults: point "service:reconciliation.cliamed" is unknown; known are',
    );
  });

  it('is off in production mode when nobody turns it on', async () => {
    const instance = banks.launch('bank2', { NODE_ENV: 'production' });
    await instance.waitUntilReady(START_DEADLINE_MS);
  });
});
