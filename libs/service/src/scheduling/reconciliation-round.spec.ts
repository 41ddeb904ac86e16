import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PeerClient } from '../peer/peer.client.js';
import { reconcileEach, type ReconciliationOutcome } from './reconciliation-round.js';

describe('a round of reconciliation', () => {
  const logger = new Logger('test');
  for (const level of ['log', 'warn'] as const) {
    jest.spyOn(logger, level).mockImplementation(() => undefined);
  }
  const { signal } = new AbortController();

  it('counts what became of each, and lets one that fails be due again', async () => {
    const outcomes: Readonly<Record<string, ReconciliationOutcome>> = { a: 'settled', b: 'republished' };
    const end = ({ txNo }: { txNo: string }): Promise<ReconciliationOutcome> => {
      const outcome = outcomes[txNo];
      return outcome === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(outcome);
    };
    const items = ['a', 'b', 'c'].map((txNo) => ({ txNo }));
    const report = { checked: 3, settled: 1, republished: 1, postponed: 1 };
    await expect(reconcileEach(items, { logger, signal, end })).resolves.toEqual(report);
  });

  it('tells the log whom it asked in vain, where the address is from, and why', async () => {
    const warn = jest.spyOn(logger, 'warn');
    const client = { name: 'peer', url: 'http://127.0.0.1:2', sharedSecret: undefined, secretName: 'none' };
    const peer = new PeerClient(client);
    const end = async (): Promise<ReconciliationOutcome> => {
      await peer.ask('/things/a');
      return 'settled';
    };
    await reconcileEach([{ txNo: 'a' }], { logger, signal, end });
    const told = 'http://127.0.0.1:2/things/a (PEER_URL) gave no answer: connect ECONNREFUSED 127.0.0.1:2';
    expect(warn).toHaveBeenLastCalledWith(expect.stringContaining(told), { txNo: 'a' });
  });

  it('runs the work on each in what it is given for that', async () => {
    const steps: string[] = [];
    await reconcileEach([{ txNo: 'a' }], {
      logger,
      signal,
      end: ({ txNo }) => {
        steps.push(`work on ${txNo}`);
        return Promise.resolve('settled');
      },
      within: async ({ txNo }, work) => {
        steps.push(`span of ${txNo}`);
        return work();
      },
    });
    expect(steps).toEqual(['span of a', 'work on a']);
  });
});
