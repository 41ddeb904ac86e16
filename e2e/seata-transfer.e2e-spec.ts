import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toCents, TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { call } from './kit/http.js';
import type { ServiceProcess } from './kit/service-process.js';
import { SeataBanks } from './kit/seata-banks.js';

const CALLERS = 32;
const CALLS_EACH = 4;

describe.each(TWO_PHASE_PATTERNS)('a transfer under %s', (pattern) => {
  let banks: SeataBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    banks = await SeataBanks.create(`seata_${pattern.toLowerCase()}`, await sharedCoordinator());
    ({ bank1, bank2 } = await banks.startBoth());
  });
  afterAll(() => banks.close());

  /** Runs `work`, waits until all is ended, and says by how much both balances have changed, in cents. */
  const moved = async (work: () => Promise<unknown>): Promise<bigint> => {
    const before = await banks.balances();
    await work();
    await banks.ended();
    const after = await banks.balances();
    const sent = toCents(before.payer) - toCents(after.payer);
    expect(toCents(after.payee) - toCents(before.payee)).toBe(sent);
    await banks.expectAgreement();
    return sent;
  };

  it('is made at both banks, once for each txNo', async () => {
    const txNo = `once-${pattern}`;
    const order = { txNo, amount: '12.34' };
    const receipt = { txNo, state: 'COMMITTED', pattern, accountNo: '1', toAccountNo: '2', amount: '12.34' };
    expect(
      await moved(async () => {
        const first = await banks.transfer(bank1, pattern, order);
        expect([first.status, first.body]).toEqual([201, receipt]);
        expect(first.headers.get('location')).toBe(`/bank1/transfers/${txNo}`);
      }),
    ).toBe(1234n);
    expect(
      await moved(async () => {
        const again = await banks.transfer(bank1, pattern, order);
        expect([again.status, again.body]).toEqual([200, receipt]);
        const other = await banks.transfer(bank1, pattern, { ...order, amount: '12.35' });
        expect(other.body).toMatchObject({ status: 409, code: 'TX_NO_CONFLICT', txNo });
      }),
    ).toBe(0n);
    expect((await call(`${bank1.url}/transfers/${txNo}`)).body).toMatchObject({
      txNo,
      pattern,
      state: 'COMMITTED',
    });
    expect((await call(`${bank2.url}/credits/${txNo}`)).body).toMatchObject({
      txNo,
      pattern,
      state: 'CREDITED',
    });
  });

  it.each([
    ['bank1 throws after bank2 was called', '2'],
    ['bank2 throws', '3'],
  ])('when %s, is rolled back at both', async (_, amount) => {
    expect(
      await moved(async () => {
        const answer = await banks.classic(bank1, pattern, amount);
        expect(answer.body).toMatchObject({ status: 409, code: 'ROLLED_BACK' });
        const { txNo } = answer.body as { txNo: string };
        await eventually(async () => {
          expect((await call(`${bank1.url}/transfers/${txNo}`)).body).toMatchObject({ state: 'ROLLED_BACK' });
        });
        expect((await call(`${bank2.url}/credits/${txNo}`)).status).toBe(404);
      }),
    ).toBe(0n);
  });

  it('moves the money when the same txNo is asked for again after a rollback', async () => {
    const order = { txNo: `again-${pattern}`, amount: '7' };
    expect(
      await moved(async () => {
        await banks.query('seata-bank2', "UPDATE account_info SET status = 'FROZEN'");
        expect((await banks.transfer(bank1, pattern, order)).body).toMatchObject({
          status: 422,
          code: 'ACCOUNT_FROZEN',
        });
        await banks.query('seata-bank2', "UPDATE account_info SET status = 'ACTIVE'");
        await banks.ended();
        expect((await banks.transfer(bank1, pattern, order)).status).toBe(201);
      }),
    ).toBe(700n);
  });

  it.each([
    [422, 'INSUFFICIENT_BALANCE', { amount: '1000000' }],
    [404, 'ACCOUNT_NOT_FOUND', { toAccountNo: 'nobody' }],
  ])('is refused with %i %s, and nothing moves', async (status, code, order) => {
    expect(
      await moved(async () => {
        expect((await banks.transfer(bank1, pattern, order)).body).toMatchObject({ status, code });
      }),
    ).toBe(0n);
  });

  it('loses no update when many callers use one pair of accounts', async () => {
    let committed = 0;
    const caller = async (): Promise<void> => {
      for (let index = 0; index < CALLS_EACH; index++) {
        const { status, text } = await banks.transfer(bank1, pattern, { amount: '1.5' });
        expect([[201, 202, 409], text]).toEqual([expect.arrayContaining([status]), text]);
        if (status === 201) committed += 1;
      }
    };
    const sent = await moved(() => Promise.all(Array.from({ length: CALLERS }, caller)));
    expect(committed).toBeGreaterThan(0);
    expect(sent).toBeGreaterThanOrEqual(BigInt(committed) * 150n);
  });
});

describe('a credit', () => {
  it('is refused without a global transaction, and with what is none', async () => {
    const banks = await SeataBanks.create('seata_xid', await sharedCoordinator());
    try {
      const bank2 = await banks.start('seata-bank2');
      const credit = (headers: Record<string, string>) =>
        call(`${bank2.url}/tcc/credits`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ txNo: 't-1', accountNo: '2', amount: '1' }),
        });
      expect((await credit({})).body).toMatchObject({ status: 400, errors: [{ field: 'TX_XID' }] });
      expect((await credit({ tx_xid: 'nonsense' })).status).toBe(400);
      const unknown = await credit({ tx_xid: '10.1.2.3:8091:42' });
      expect(unknown.body).toMatchObject({ status: 409, code: 'ROLLED_BACK' });
      const stranger = await banks.start('seata-bank2', { ACCEPT_XID_FROM: 'nobody' });
      const refused = await call(`${stranger.url}/at/credits`, {
        method: 'POST',
        headers: { tx_xid: '10.1.2.3:8091:42' },
      });
      expect(refused.status).toBe(403);
      expect(await banks.balances()).toMatchObject({ payee: '0.00' });
    } finally {
      await banks.close();
    }
  });
});
