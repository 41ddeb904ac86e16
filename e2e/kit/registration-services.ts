import { expect } from '@jest/globals';
import { REGISTRATION, type RegistrationService, type TwoPhasePattern } from '@txmsg/contracts';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import { call, postJson, type Answer } from './http.js';
import { ServiceAddress } from './service-address.js';
import type { ServiceProcess } from './service-process.js';
import { sharedServers } from './servers.js';
import { TestServices } from './test-services.js';

/** What a caller of `POST /user/registrations` says. */
export interface RegistrationOrder {
  readonly txNo: string;
  readonly name: string;
  readonly password?: string;
}

export const PASSWORD = 'correct horse';

/** What is not ended at one service; all of it is 0 when every global transaction has. */
export interface OpenRegistrations {
  readonly undoLogs: number;
  readonly openFences: number;
  readonly open: number;
}

const NOTHING_OPEN: OpenRegistrations = { undoLogs: 0, openFences: 0, open: 0 };
/** Soon enough for a test that lets it pass, long enough for a busy machine. */
const GLOBAL_TIMEOUT_MS = 8000;
/** How long after its timeout a registration without any branch is ended (AccountRegistrationEnds), and rounds to spare. */
const ENDED_WITHIN_MS = GLOBAL_TIMEOUT_MS + 15_000 + 60_000;

/** User and identity, with databases of their own, at one coordinator. Both keep their addresses when they are killed. */
export class RegistrationServices extends TestServices<RegistrationService> {
  private readonly pools = new Map<RegistrationService, Pool>();
  private readonly addresses = new Map<RegistrationService, ServiceAddress>();
  private readonly running = new Map<RegistrationService, ServiceProcess>();
  private seataServer = '';

  static async create(label: string, seataServer: string): Promise<RegistrationServices> {
    const services = new RegistrationServices(label, REGISTRATION, sharedServers());
    services.seataServer = seataServer;
    await services.prepare();
    for (const name of REGISTRATION) services.addresses.set(name, await ServiceAddress.open());
    return services;
  }

  async startBoth(): Promise<void> {
    await this.start('identity');
    await this.start('user');
  }

  /** Kills the instance that runs, and starts another one. */
  async replace(
    name: RegistrationService,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    await this.kill(name);
    return this.start(name, environment);
  }

  /**
   * From now on its address leads there. Tests share a coordinator, which asks any process of one application on an address:
   * each has a name of its own.
   */
  override async start(
    name: RegistrationService,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const instance = await super.start(name, {
      SEATA_APPLICATION_ID: `${name}-${this.unique.slice(-8)}`,
      ...(name === 'user' && { IDENTITY_URL: this.address('identity').url }),
      ...environment,
    });
    this.running.set(name, instance);
    this.address(name).leadTo(instance);
    return instance;
  }

  /** Kills the instance that runs; callers get no answer until there is another one. */
  async kill(name: RegistrationService): Promise<void> {
    this.address(name).leadTo(undefined);
    await this.running.get(name)?.kill('SIGKILL');
  }

  protected override settings(): Readonly<Record<string, string>> {
    return {
      ...super.settings(),
      SEATA_SERVER: this.seataServer,
      GLOBAL_TIMEOUT_MS: String(GLOBAL_TIMEOUT_MS),
      REGISTRATION_END_INTERVAL_MS: '500',
      PASSWORD_HASH_COST: '1',
      FAULTS: '[]',
    };
  }

  /** With its prefix. */
  url(name: RegistrationService): string {
    return `${this.address(name).url}/${name}`;
  }

  register(
    pattern: TwoPhasePattern,
    { txNo, name, password = PASSWORD }: RegistrationOrder,
  ): Promise<Answer> {
    const body = JSON.stringify({ pattern: pattern.toLowerCase(), name, password });
    return postJson(`${this.url('user')}/registrations`, body, { 'idempotency-key': txNo });
  }

  registration(txNo: string): Promise<Answer> {
    return call(`${this.url('user')}/registrations/${txNo}`);
  }

  user(userId: string): Promise<Answer> {
    return call(`${this.url('user')}/users/${userId}`);
  }

  account(name: string): Promise<Answer> {
    return call(`${this.url('identity')}/accounts/${encodeURIComponent(name)}`);
  }

  logIn(name: string, password = PASSWORD): Promise<Answer> {
    return postJson(`${this.url('identity')}/logins`, JSON.stringify({ name, password }));
  }

  async openWork(name: RegistrationService): Promise<OpenRegistrations> {
    const open =
      name === 'user'
        ? "SELECT COUNT(*) FROM registration WHERE state = 'OPEN'"
        : "SELECT COUNT(*) FROM account WHERE state = 'RESERVED'";
    const [row] = await this.query<Record<keyof OpenRegistrations, string>>(
      name,
      `SELECT (SELECT COUNT(*) FROM undo_log WHERE log_status = 0) AS undoLogs,
         (SELECT COUNT(*) FROM tcc_fence_log WHERE status = 1) AS openFences, (${open}) AS open`,
    );
    const { undoLogs = NaN, openFences = NaN, open: count = NaN } = row ?? {};
    return { undoLogs: Number(undoLogs), openFences: Number(openFences), open: Number(count) };
  }

  /** Waits until nothing is open at either service. */
  async ended(timeoutMs = ENDED_WITHIN_MS): Promise<void> {
    await eventually(
      async () => {
        for (const name of REGISTRATION) {
          expect({ name, ...(await this.openWork(name)) }).toEqual({ name, ...NOTHING_OPEN });
        }
      },
      { timeoutMs },
    );
  }

  /** When nothing is open: users, accounts and registrations say the same. @returns the names, in order */
  async expectAgreement(): Promise<string[]> {
    const of = (service: RegistrationService, sql: string) =>
      this.query<{ txNo: string; userId: string; name: string }>(service, `${sql} ORDER BY txNo`);
    const columns = 'tx_no AS txNo, user_id AS userId, name';
    const users = await of('user', `SELECT ${columns} FROM user_info`);
    const accounts = await of('identity', `SELECT ${columns} FROM account WHERE state = 'ACTIVE'`);
    const committed = await of(
      'user',
      `SELECT ${columns} FROM registration WHERE state = 'COMMITTED' AND held_name = name`,
    );
    expect(accounts).toEqual(users);
    expect(committed).toEqual(users);
    const held = await this.query<{ name: string }>(
      'user',
      "SELECT held_name AS name FROM registration WHERE state = 'ROLLED_BACK' AND held_name IS NOT NULL",
    );
    expect(held).toEqual([]);
    return users.map(({ name }) => name).sort();
  }

  /** The txNos of the messages that user has stored: of registrations under TCC alone. */
  async published(): Promise<string[]> {
    const rows = await this.query<{ txNo: string }>(
      'user',
      'SELECT tx_no AS txNo FROM local_message ORDER BY tx_no',
    );
    return rows.map(({ txNo }) => txNo);
  }

  async query<Row>(
    name: RegistrationService,
    sql: string,
    parameters: readonly string[] = [],
  ): Promise<Row[]> {
    const [rows] = await this.poolOf(name).query<(Row & RowDataPacket)[]>(sql, [...parameters]);
    return rows;
  }

  override async close(): Promise<void> {
    await super.close();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    await Promise.all([...this.addresses.values()].map((address) => address.close()));
  }

  private address(name: RegistrationService): ServiceAddress {
    const address = this.addresses.get(name);
    if (address === undefined) throw new Error(`${name} has no address`);
    return address;
  }

  private poolOf(name: RegistrationService): Pool {
    const known = this.pools.get(name);
    if (known !== undefined) return known;
    const pool = createPool({ ...parseMysqlUrl(this.mysqlUrl(name)), connectionLimit: 3 });
    pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
    this.pools.set(name, pool);
    return pool;
  }
}
