import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { checkBackAnswers, untilAnswered } from './kit/check-backs.js';
import { faults } from './kit/faults.js';
import { transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

/** Two instances of bank1, of which one crashes or freezes inside a transfer; the other one has to end it. */
describe('when a bank1 is lost inside its local transaction', () => {
  let banks: TestBanks;
  let survivor: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('bank1_crash');
    [survivor] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
  });
  afterAll(() => banks.close());

  it('killed after COMMIT: another instance answers the check-back, and the money arrives', async () => {
    const pair = await banks.books.openPair('committed', '100.00');
    const victim = await banks.start(
      'bank1',
      faults({ point: 'local-transaction.committed', action: 'kill' }),
    );
    const call = transfer(victim, { ...pair, txNo: 'committed', amount: '40.00' });
    await expect(call).rejects.toThrow();
    expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });

    await untilAnswered([survivor], 'committed', 'COMMIT');
    await expectAllEnded(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['60.00', '40.00']);
    const repeated = await transfer(survivor, { ...pair, txNo: 'committed', amount: '40.00' });
    expect([repeated.status, repeated.body?.state]).toEqual([200, 'DEBITED']);
    expect(checkBackAnswers([survivor], 'committed')).not.toContain('ROLLBACK');
  });

  it('killed before COMMIT: nothing is debited, nothing arrives, and the txNo can be tried again', async () => {
    const pair = await banks.books.openPair('executed', '100.00');
    const victim = await banks.start(
      'bank1',
      faults({ point: 'local-transaction.executed', action: 'kill' }),
    );
    const call = transfer(victim, { ...pair, txNo: 'executed', amount: '40.00' });
    await expect(call).rejects.toThrow();
    await victim.exited;

    await untilAnswered([survivor], 'executed', 'ROLLBACK');
    expect(await banks.books.balances(pair)).toEqual(['100.00', '0.00']);
    expect(await banks.books.outgoing('executed')).toBeUndefined();
    const again = await transfer(survivor, { ...pair, txNo: 'executed', amount: '30.00' });
    expect(again.status).toBe(201);
    await expectAllEnded(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['70.00', '30.00']);
    expect(checkBackAnswers([survivor], 'executed')).not.toContain('COMMIT');
  });

  it("frozen: the payer's other transfers go on within seconds, and what it had begun is never committed", async () => {
    const pair = await banks.books.openPair('frozen', '100.00');
    const victim = await banks.start(
      'bank1',
      faults({ point: 'local-transaction.executed', action: 'hang' }),
    );
    const frozenCall = transfer(victim, { ...pair, txNo: 'frozen', amount: '40.00' }, 180_000);
    await eventually(() => banks.books.isLocked('bank1', pair.accountNo));
    await victim.kill('SIGSTOP');

    const other = { ...pair, txNo: 'other', amount: '10.00' };
    const statuses: number[] = [];
    await eventually(
      async () => {
        statuses.push((await transfer(survivor, other)).status);
        return statuses.at(-1) === 201;
      },
      // MySQL ends a silent connection after 15 s.
      { timeoutMs: 60_000 },
    );
    // 202 while the try before it still waits for the lock.
    for (const status of statuses.slice(0, -1)) expect([202, 503]).toContain(status);

    await untilAnswered([survivor], 'frozen', 'ROLLBACK');
    await victim.kill('SIGCONT');
    expect((await frozenCall).body).toMatchObject({ status: 503, txNo: 'frozen' });
    await expectAllEnded(banks.books);
    expect(await banks.books.outgoing('frozen')).toBeUndefined();
    expect(await banks.books.balances(pair)).toEqual(['90.00', '10.00']);
    expect(checkBackAnswers([survivor, victim], 'frozen')).not.toContain('COMMIT');
  });
});
