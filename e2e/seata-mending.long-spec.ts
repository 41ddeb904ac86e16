import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SEATA_BANKS, type SeataBank, type TwoPhasePattern } from '@txmsg/contracts';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../libs/seata/test/coordinator.js';
import { repositoryDirectory } from '../tools/stack/stack-paths.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { call } from './kit/http.js';
import { SeataBanks } from './kit/seata-banks.js';
import type { ServiceProcess } from './kit/service-process.js';

const DEADLINE_MS = 10 * 60_000;
const END = { timeoutMs: 120_000 };
const AMOUNT = '25.00';

/** The statements of docs/RUNBOOK.md that take a branch back, as they stand there, by `AT, at seata-bank1` and so on. */
const STATEMENTS = new Map(
  [
    ...readFileSync(join(repositoryDirectory, 'docs', 'RUNBOOK.md'), 'utf8').matchAll(
      /```sql\n\s*START TRANSACTION; {2}-- ([^\n]+)\n([^`]+)```/g,
    ),
  ].map(([, label = '', statements = '']) => [label, `START TRANSACTION;\n${statements}`]),
);

/** Does what the runbook has a person do at one bank. */
async function takeBack(banks: SeataBanks, pattern: TwoPhasePattern, bank: SeataBank, xid: string): Promise<void> {
  const statements = STATEMENTS.get(`${pattern}, at ${bank}`);
  if (statements === undefined) throw new Error(`docs/RUNBOOK.md has nothing for ${pattern} at ${bank}`);
  const values: Record<string, string> = {
    xid,
    amount: AMOUNT,
    account_no: bank === 'seata-bank1' ? '1' : '2',
  };
  const connection = await createConnection({
    ...parseMysqlUrl(banks.mysqlUrl(bank)),
    multipleStatements: true,
  });
  try {
    await connection.query(statements.replace(/<(\w+)>/g, (_, name: string) => values[name] ?? ''));
  } finally {
    await connection.end();
  }
}

describe.each(coordinatorVersions())('what only a person can end, with Seata %s', (version) => {
  let coordinator: OwnCoordinator;
  let banks: SeataBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(() => {
    expect([...STATEMENTS.keys()]).toHaveLength(2 * SEATA_BANKS.length);
  });
  beforeEach(async () => {
    coordinator = await ownCoordinator({ version });
    banks = await SeataBanks.create('mending', coordinator.server);
    ({ bank1, bank2 } = await banks.startBoth(ADMIN_SETTINGS));
  }, DEADLINE_MS);
  afterEach(async () => {
    await banks.close();
    await coordinator.stop();
  }, DEADLINE_MS);

  /** bank1 is killed at this step of a transfer. @returns the global transaction */
  const killedAt = async (pattern: TwoPhasePattern, point: `service:${string}`, txNo: string): Promise<string> => {
    await new Admin(bank1).meetFaults({ point, action: 'kill' });
    await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT }).catch(() => undefined);
    expect((await bank1.exited).signal).toBe('SIGKILL');
    const [row] = await banks.query<{ xid: string }>(
      'seata-bank2',
      'SELECT xid FROM credit WHERE tx_no = ?',
      [txNo],
    );
    if (row === undefined) throw new Error(`bank2 has no credit of ${txNo}`);
    return row.xid;
  };
  const startBank1Again = async (): Promise<void> => {
    bank1 = await banks.start('seata-bank1', { BANK2_URL: new URL(bank2.url).origin, ...ADMIN_SETTINGS });
  };
  const audit = async (): Promise<Record<string, unknown>> => {
    const { status, body, text } = await new Admin(bank1).get('audit');
    expect([status, text]).toEqual([200, text]);
    return body ?? {};
  };
  const stateOf = async (txNo: string): Promise<unknown> =>
    (await call(`${bank1.url}/transfers/${txNo}`)).body?.state;
  /** Accounts can be used again, and the same txNo makes its transfer after all. */
  const expectMended = async (pattern: TwoPhasePattern, txNo: string): Promise<void> => {
    await banks.ended();
    expect(await banks.expectAgreement()).toBe(0);
    expect(await audit()).toMatchObject({ agrees: true, transfers: { inFlight: { count: 0 } } });
    expect(await stateOf(txNo)).toBe('ROLLED_BACK');
    await eventually(async () => {
      const { status, text } = await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT });
      expect([[200, 201], text]).toEqual([expect.arrayContaining([status]), text]);
    }, END);
    await banks.ended();
    expect(await banks.expectAgreement()).toBe(1);
  };

  it.each(TWO_PHASE_PATTERNS)(
    'under %s, is a transfer whose coordinator has lost its store: it stays in flight, and nobody guesses',
    async (pattern) => {
      const txNo = `forgotten-${pattern}`;
      const xid = await killedAt(pattern, 'service:seata.tm.before-commit', txNo);
      await coordinator.loseStore();
      await coordinator.start();
      await startBank1Again();
      for (const bank of [bank1, bank2]) await bank.waitUntilReady(END.timeoutMs);
      // Whoever asks again is told that it is not known, neither that it was made nor that it was not.
      const again = await banks.transfer(bank1, pattern, { txNo, amount: AMOUNT });
      expect([again.status, again.body]).toMatchObject([202, { txNo }]);
      expect(await audit()).toMatchObject({
        disagreements: { count: 0 },
        transfers: { inFlight: { count: 1, sum: AMOUNT } },
      });
      // Longer than the global transaction and the search for transfers without an end.
      const open = { AT: { undoLogs: 1 }, TCC: { openFences: 1 } }[pattern];
      await eventually(async () => {
        const [row] = await banks.query<{ old: string }>(
          'seata-bank1',
          'SELECT begin_time < NOW(3) - INTERVAL 40 SECOND AS old FROM transfer',
        );
        return Number(row?.old) === 1;
      }, END);
      for (const bank of SEATA_BANKS) expect(await banks.openWork(bank)).toMatchObject(open);
      for (const bank of SEATA_BANKS) await takeBack(banks, pattern, bank, xid);
      await expectMended(pattern, txNo);
    },
    DEADLINE_MS,
  );

  if (version === '1.8.0') {
    it(
      'under AT, is a transfer whose row was changed by hand: its rollback fails loudly',
      async () => {
        const txNo = 'changed';
        const change = (sign: '+' | '-'): Promise<object[]> =>
          banks.query(
            'seata-bank2',
            `UPDATE account_info SET account_balance = account_balance ${sign} 0.01`,
          );
        const xid = await killedAt('AT', 'service:transfer.credited', txNo);
        await change('+');
        await startBank1Again();
        // The coordinator rolls back by its time-out.
        await eventually(() => bank2.output().includes('can never succeed'), END);
        expect(await audit()).toMatchObject({
          agrees: false,
          disagreements: { listed: [{ kind: 'ACCOUNT', bank: 'bank2', accountNo: '2' }] },
        });
        await takeBack(banks, 'AT', 'seata-bank2', xid);
        if ((await banks.openWork('seata-bank1')).undoLogs > 0)
          await takeBack(banks, 'AT', 'seata-bank1', xid);
        await change('-');
        await coordinator.kill();
        await coordinator.start();
        await expectMended('AT', txNo);
      },
      DEADLINE_MS,
    );
  }
});
