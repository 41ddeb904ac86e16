import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SEATA_BANKS, TWO_PHASE_PATTERNS, type SeataBank, type TwoPhasePattern } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { NO_PHASE_TWO_YET } from './kit/faults.js';
import { call } from './kit/http.js';
import { endBranchByHand, type Way } from './kit/runbook.js';
import { SeataBanks } from './kit/seata-banks.js';
import type { ServiceProcess } from './kit/service-process.js';

const DEADLINE_MS = 10 * 60_000;
const END = { timeoutMs: 120_000 };
const AMOUNT = '25.00';

interface OpenTransfer {
  readonly txNo: string;
  readonly pattern: TwoPhasePattern;
  readonly xid: string;
}

describe.each(coordinatorVersions())('what only a person can end, with Seata %s', (version) => {
  let coordinator: OwnCoordinator;
  let banks: SeataBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeEach(async () => {
    coordinator = await ownCoordinator({ version });
    banks = await SeataBanks.create('mending', coordinator.server);
    ({ bank1, bank2 } = await banks.startBoth(ADMIN_SETTINGS));
  }, DEADLINE_MS);
  afterEach(async () => {
    await banks.close();
    await coordinator.stop();
  }, DEADLINE_MS);

  const openTransfer = async (pattern: TwoPhasePattern, txNo: string): Promise<OpenTransfer> => {
    const [row] = await banks.query<{ xid: string }>(
      'seata-bank2',
      'SELECT xid FROM credit WHERE tx_no = ?',
      [txNo],
    );
    if (row === undefined) throw new Error(`bank2 has no credit of ${txNo}`);
    return { txNo, pattern, xid: row.xid };
  };
  /** bank1 is killed at this step of a transfer. */
  const killedAt = async (
    point: `service:${string}`,
    pattern: TwoPhasePattern,
    txNo: string,
  ): Promise<OpenTransfer> => {
    await new Admin(bank1).meetFaults({ point, action: 'kill' });
    await bank1.killedAt(point, () => banks.transfer(bank1, pattern, { txNo, amount: AMOUNT }));
    return openTransfer(pattern, txNo);
  };
  const startBank1Again = async (): Promise<void> => {
    bank1 = await banks.start('seata-bank1', { BANK2_URL: new URL(bank2.url).origin, ...ADMIN_SETTINGS });
  };
  const forgetEverything = async (): Promise<void> => {
    await coordinator.loseStore();
    await coordinator.start();
  };
  const audit = async (): Promise<Record<string, unknown>> => {
    const { status, body, text } = await new Admin(bank1).get('audit');
    expect([status, text]).toEqual([200, text]);
    return body ?? {};
  };
  const stateOf = async (txNo: string): Promise<unknown> =>
    (await call(`${bank1.url}/transfers/${txNo}`)).body?.state;
  const endAt = (bank: SeataBank, { pattern, xid }: OpenTransfer, way: Way): Promise<void> => {
    const values = { xid, amount: AMOUNT, account_no: bank === 'seata-bank1' ? '1' : '2' };
    return endBranchByHand({ service: bank, mysqlUrl: banks.mysqlUrl(bank), pattern, values }, way);
  };
  const endByHand = async (transfer: OpenTransfer, way: Way): Promise<void> => {
    for (const bank of SEATA_BANKS) await endAt(bank, transfer, way);
  };
  /** Its end does not come, however long everybody waits: longer than the global transaction and the search for open rows. */
  const expectToStayOpen = async ({ pattern, txNo }: OpenTransfer): Promise<void> => {
    for (const bank of [bank1, bank2]) await bank.waitUntilReady(END.timeoutMs);
    await eventually(async () => {
      const [row] = await banks.query<{ isOld: string }>(
        'seata-bank1',
        'SELECT begin_time < NOW(3) - INTERVAL 40 SECOND AS isOld FROM transfer',
      );
      expect(Number(row?.isOld)).toBe(1);
    }, END);
    const open = { AT: { undoLogs: 1 }, TCC: { openFences: 1 } }[pattern];
    for (const bank of SEATA_BANKS) expect(await banks.openWork(bank)).toMatchObject(open);
    // Whoever asks again is told that it is not known, neither that it was made nor that it was not.
    const again = await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT });
    expect([again.status, again.body]).toMatchObject([202, { txNo, state: 'UNKNOWN' }]);
    expect(await audit()).toMatchObject({
      disagreements: { count: 0 },
      transfers: { inFlight: { count: 1, sum: AMOUNT } },
    });
  };
  const expectEnded = async ({ txNo }: OpenTransfer, state: string): Promise<void> => {
    await banks.ended();
    expect(await banks.expectAgreement()).toBe(state === 'COMMITTED' ? 1 : 0);
    expect(await audit()).toMatchObject({ agrees: true, transfers: { inFlight: { count: 0 } } });
    expect(await stateOf(txNo)).toBe(state);
  };
  /** Accounts can be used again, and the same txNo makes its transfer after all. */
  const expectMadeAgain = async ({ pattern, txNo }: OpenTransfer): Promise<void> => {
    await eventually(async () => {
      const { status, text } = await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT });
      expect([[200, 201], text]).toEqual([expect.arrayContaining([status]), text]);
    }, END);
    await banks.ended();
    expect(await banks.expectAgreement()).toBe(1);
  };

  describe.each(TWO_PHASE_PATTERNS)(
    'is under %s a transfer whose coordinator has lost its store',
    (pattern) => {
      it(
        'before it was asked to commit: both banks roll back by hand',
        async () => {
          const transfer = await killedAt('service:seata.tm.before-commit', pattern, `forgotten-${pattern}`);
          await forgetEverything();
          await startBank1Again();
          await expectToStayOpen(transfer);
          await endByHand(transfer, 'roll back');
          await expectEnded(transfer, 'ROLLED_BACK');
          await expectMadeAgain(transfer);
        },
        DEADLINE_MS,
      );

      it(
        'after its caller was answered: both banks commit by hand',
        async () => {
          const txNo = `promised-${pattern}`;
          for (const bank of [bank1, bank2]) await new Admin(bank).meetFaults(NO_PHASE_TWO_YET);
          expect((await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT })).status).toBe(201);
          const transfer = await openTransfer(pattern, txNo);
          await forgetEverything();
          for (const bank of [bank1, bank2]) await new Admin(bank).meetFaults();
          await expectToStayOpen(transfer);
          await endByHand(transfer, 'commit');
          await expectEnded(transfer, 'COMMITTED');
        },
        DEADLINE_MS,
      );
    },
  );

  it(
    'is under AT a transfer whose row was changed by hand while its caller waits: they hear UNKNOWN, and not "rolled back"',
    async () => {
      await Promise.all([bank1, bank2].map((bank) => bank.kill('SIGTERM')));
      ({ bank1, bank2 } = await banks.startBoth({ ...ADMIN_SETTINGS, GLOBAL_TIMEOUT_MS: '5000' }));
      await new Admin(bank1).meetFaults({ point: 'service:transfer.credited', action: 'hang' });
      const answer = banks.transfer(bank1, 'AT', { txNo: 'waits', amount: AMOUNT });
      await eventually(
        async () => (await banks.query('seata-bank2', 'SELECT tx_no FROM credit')).length === 1,
      );
      await banks.query('seata-bank2', 'UPDATE account_info SET account_balance = account_balance + 0.01');
      const { status, body } = await answer;
      expect([status, body]).toEqual([202, { txNo: 'waits', state: 'UNKNOWN' }]);
      expect(bank2.output()).toContain('can never succeed');
    },
    DEADLINE_MS,
  );

  if (version === '1.8.0') {
    it(
      'is under AT a transfer whose row was changed by hand: its rollback fails loudly',
      async () => {
        const change = (sign: '+' | '-'): Promise<object[]> =>
          banks.query(
            'seata-bank2',
            `UPDATE account_info SET account_balance = account_balance ${sign} 0.01`,
          );
        const transfer = await killedAt('service:transfer.credited', 'AT', 'changed');
        await change('+');
        await startBank1Again();
        // The coordinator rolls back by its time-out.
        await eventually(() => bank2.output().includes('can never succeed'), END);
        expect(await audit()).toMatchObject({
          agrees: false,
          disagreements: { listed: [{ kind: 'ACCOUNT', bank: 'bank2', accountNo: '2' }] },
        });
        for (const bank of SEATA_BANKS) {
          if ((await banks.openWork(bank)).undoLogs === 0) continue;
          await endAt(bank, transfer, 'roll back');
        }
        await change('-');
        await coordinator.kill();
        await coordinator.start();
        await expectEnded(transfer, 'ROLLED_BACK');
        await expectMadeAgain(transfer);
      },
      DEADLINE_MS,
    );
  }
});
