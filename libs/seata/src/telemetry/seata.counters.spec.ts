import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { metrics, type Attributes, type MeterProvider } from '@opentelemetry/api';
import { SeataCounters } from './seata.counters.js';

/** A meter provider whose counters do this. */
function provide(add: (name: string, value: number, attributes: Attributes) => void): void {
  const createCounter = (name: string) => ({
    add: (value: number, attributes: Attributes) => {
      add(name, value, attributes);
    },
  });
  metrics.setGlobalMeterProvider({ getMeter: () => ({ createCounter }) } as unknown as MeterProvider);
}

describe('what is counted', () => {
  afterEach(() => {
    metrics.disable();
  });

  it('stands at 0 from the start on, every answer and every outcome', () => {
    const added: [string, number, Attributes][] = [];
    provide((...all) => added.push(all));
    new SeataCounters();
    expect(added.filter(([name]) => name === 'seata.branches')).toHaveLength(6);
    expect(added).toContainEqual([
      'seata.branches',
      0,
      { 'seata.phase': 'rollback', 'seata.answer': 'NEVER' },
    ]);
    expect(added.filter(([name]) => name === 'seata.global_transactions').map(([, ...rest]) => rest)).toEqual(
      ['COMMITTED', 'ROLLED_BACK', 'UNKNOWN', 'NOT_BEGUN'].map((outcome) => [
        0,
        { 'seata.outcome': outcome },
      ]),
    );
  });

  it('is told by what it was', () => {
    const counters = (add: jest.Mock) => {
      provide(add);
      const made = new SeataCounters();
      add.mockClear();
      return made;
    };
    const add = jest.fn();
    const made = counters(add);
    made.answered('commit', 'RETRY');
    made.ended('UNKNOWN');
    expect(add.mock.calls).toEqual([
      ['seata.branches', 1, { 'seata.phase': 'commit', 'seata.answer': 'RETRY' }],
      ['seata.global_transactions', 1, { 'seata.outcome': 'UNKNOWN' }],
    ]);
  });

  it('fails nothing when telemetry is broken, or absent', () => {
    new SeataCounters().ended('COMMITTED');
    provide(() => {
      throw new Error('telemetry is broken');
    });
    const counters = new SeataCounters();
    counters.answered('rollback', 'NEVER');
    counters.ended('COMMITTED');
  });
});
