import { expect } from '@jest/globals';
import { SEATA_BANKS, type SeataBank, type TwoPhasePattern } from '@txmsg/contracts';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import { call, postJson, type Answer } from './http.js';
import type { ServiceProcess } from './service-process.js';
import { sharedServers, type Servers } from './servers.js';
import { TestServices } from './test-services.js';

/** What is not ended at one bank; all of it is 0 when every global transaction has. */
export interface OpenWork {
  readonly undoLogs: number;
  readonly openFences: number;
  readonly reserved: string;
  readonly open: number;
}

const NOTHING_OPEN: OpenWork = { undoLogs: 0, openFences: 0, reserved: '0.00', open: 0 };
/** Soon enough for a test that lets it pass, long enough for a busy machine. */
const GLOBAL_TIMEOUT_MS = 8000;
/** How long after its timeout a transfer without any branch is ended (apps/seata-bank1, TransferEnds), and rounds to spare. */
export const ENDED_WITHIN_MS = GLOBAL_TIMEOUT_MS + 15_000 + 60_000;

/** The two banks with two-phase commit, with databases of their own, at one coordinator. */
export class SeataBanks extends TestServices<SeataBank> {
  private readonly pools = new Map<SeataBank, Pool>();
  private seataServer = '';

  static async create(
    label: string,
    seataServer: string,
    servers: Servers = sharedServers(),
  ): Promise<SeataBanks> {
    const banks = new SeataBanks(label, SEATA_BANKS, servers);
    banks.seataServer = seataServer;
    await banks.prepare();
    return banks;
  }

  /** bank2 first, since bank1 is told where it is. */
  async startBoth(
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ bank1: ServiceProcess; bank2: ServiceProcess }> {
    const bank2 = await this.start('seata-bank2', environment);
    const bank1 = await this.start('seata-bank1', { BANK2_URL: new URL(bank2.url).origin, ...environment });
    return { bank1, bank2 };
  }

  /** Tests share a coordinator, which asks any process of one application on an address: each has a name of its own. */
  override start(
    name: SeataBank,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const applicationId = `${name}-${this.unique.slice(-8)}`;
    return super.start(name, { SEATA_APPLICATION_ID: applicationId, ...environment });
  }

  protected override settings(): Readonly<Record<string, string>> {
    return {
      ...super.settings(),
      SEATA_SERVER: this.seataServer,
      GLOBAL_TIMEOUT_MS: String(GLOBAL_TIMEOUT_MS),
      TRANSFER_END_INTERVAL_MS: '500',
      CLASSIC_FAULTS: 'true',
      FAULTS: '[]',
    };
  }

  transfer(
    bank1: ServiceProcess,
    pattern: TwoPhasePattern,
    order: { readonly txNo?: string; readonly amount?: string; readonly toAccountNo?: string } = {},
  ): Promise<Answer> {
    const body = { accountNo: '1', toAccountNo: '2', amount: '100', ...order };
    return postJson(`${bank1.url}/${pattern.toLowerCase()}/transfers`, JSON.stringify(body));
  }

  /** `GET /bank1/tcc/transfer`. */
  classic(bank1: ServiceProcess, pattern: TwoPhasePattern, amount: string): Promise<Answer> {
    return call(`${bank1.url}/${pattern.toLowerCase()}/transfer?amount=${amount}`);
  }

  async balances(): Promise<{ readonly payer: string; readonly payee: string }> {
    const of = async (bank: SeataBank): Promise<string> => {
      const [row] = await this.query<{ balance: string }>(
        bank,
        'SELECT SUM(account_balance) AS balance FROM account_info',
      );
      return row?.balance ?? '';
    };
    return { payer: await of('seata-bank1'), payee: await of('seata-bank2') };
  }

  async openWork(bank: SeataBank): Promise<OpenWork> {
    const open =
      bank === 'seata-bank1'
        ? "SELECT COUNT(*) FROM transfer WHERE state = 'OPEN'"
        : "SELECT COUNT(*) FROM credit WHERE state = 'RESERVED'";
    const [row] = await this.query<Record<keyof OpenWork, string>>(
      bank,
      `SELECT (SELECT COUNT(*) FROM undo_log WHERE log_status = 0) AS undoLogs,
         (SELECT COUNT(*) FROM tcc_fence_log WHERE status = 1) AS openFences,
         (SELECT SUM(reserved) FROM account_info) AS reserved, (${open}) AS open`,
    );
    const {
      undoLogs,
      openFences,
      reserved,
      open: count,
    } = row ?? { undoLogs: NaN, openFences: NaN, reserved: '', open: NaN };
    return { undoLogs: Number(undoLogs), openFences: Number(openFences), reserved, open: Number(count) };
  }

  /** Waits until nothing is open at either bank, or at those that are named. */
  async ended(timeoutMs = ENDED_WITHIN_MS, of: readonly SeataBank[] = SEATA_BANKS): Promise<void> {
    await eventually(
      async () => {
        for (const bank of of) {
          expect({ bank, ...(await this.openWork(bank)) }).toEqual({ bank, ...NOTHING_OPEN });
        }
      },
      { timeoutMs },
    );
  }

  /** When nothing is open: what left one bank arrived at the other, transfer by transfer, and the balances say so. */
  async expectAgreement(): Promise<number> {
    const sent = await this.query<{ txNo: string; amount: string }>(
      'seata-bank1',
      "SELECT tx_no AS txNo, amount FROM transfer WHERE state = 'COMMITTED' ORDER BY tx_no",
    );
    const received = await this.query<{ txNo: string; amount: string }>(
      'seata-bank2',
      "SELECT tx_no AS txNo, amount FROM credit WHERE state = 'CREDITED' ORDER BY tx_no",
    );
    expect(received).toEqual(sent);
    const wrong = (bank: SeataBank, sign: '-' | '+', moved: string): Promise<object[]> =>
      this.query(
        bank,
        `SELECT account_no, account_balance, opening_balance, reserved FROM account_info a
         WHERE account_balance + IF('${sign}' = '-', reserved, 0) <> opening_balance ${sign} COALESCE((${moved}), 0)`,
      );
    expect(
      await wrong(
        'seata-bank1',
        '-',
        "SELECT SUM(t.amount) FROM transfer t WHERE t.account_no = a.account_no AND t.state = 'COMMITTED'",
      ),
    ).toEqual([]);
    expect(
      await wrong(
        'seata-bank2',
        '+',
        "SELECT SUM(c.amount) FROM credit c WHERE c.account_no = a.account_no AND c.state = 'CREDITED'",
      ),
    ).toEqual([]);
    return sent.length;
  }

  async query<Row>(bank: SeataBank, sql: string, parameters: readonly string[] = []): Promise<Row[]> {
    const [rows] = await this.poolOf(bank).query<(Row & RowDataPacket)[]>(sql, [...parameters]);
    return rows;
  }

  override async close(): Promise<void> {
    await super.close();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }

  private poolOf(bank: SeataBank): Pool {
    const known = this.pools.get(bank);
    if (known !== undefined) return known;
    const pool = createPool({ ...parseMysqlUrl(this.mysqlUrl(bank)), connectionLimit: 3 });
    pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
    this.pools.set(bank, pool);
    return pool;
  }
}
