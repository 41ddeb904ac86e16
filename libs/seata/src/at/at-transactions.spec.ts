import { describe, expect, it } from '@jest/globals';
import { CommitOutcomeUnknownError, Deadline } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { OpenGlobalTransaction } from '../tm/open-global-transaction.js';
import { withinGlobalTransaction } from '../tm/global-transaction.context.js';
import { AtTransactions } from './at-transactions.js';
import { resolveAtOptions } from './at.options.js';

describe('the work of an AT branch', () => {
  const settings = resolveAtOptions({ resourceId: 'jdbc:mysql://h:1/d', retryPauseMs: 1 }, {});
  const lockWaitTimeout = Object.assign(new Error('Lock wait timeout exceeded'), { errno: 1205 });

  /** How often the work was tried, and how it ended, when each of its transactions fails with this. */
  const triedWith = async (error: Error): Promise<[number, unknown]> => {
    let tries = 0;
    const transactions = {
      run: () => {
        tries += 1;
        return Promise.reject(error);
      },
    };
    const unused = {} as never;
    const at = new AtTransactions(transactions as never, unused, unused, new NoFaults(), unused, settings);
    const global = new OpenGlobalTransaction('h:1:2', 'INITIATOR', Deadline.in(60_000));
    const ended: unknown = await withinGlobalTransaction(global, () => at.run(() => Promise.resolve())).catch(
      (thrown: unknown) => thrown,
    );
    return [tries, ended];
  };

  it('is tried again after a lock conflict', async () => {
    const [tries] = await triedWith(lockWaitTimeout);
    expect(tries).toBe(settings.attemptsMax);
  });

  it('is not tried again once COMMIT was sent, whatever COMMIT failed with', async () => {
    const unknown = new CommitOutcomeUnknownError({ cause: lockWaitTimeout });
    expect(await triedWith(unknown)).toEqual([1, unknown]);
  });
});
