import { join } from 'node:path';
import type { Bank, ServiceName } from '@txmsg/contracts';
import { databaseUrl } from '@txmsg/service/provisioning';
import { ServiceProcess } from '../../../e2e/kit/service-process.js';
import type { BenchWorld } from './bench-world.js';
import type { LoadTarget } from './http-load.js';
import { cpuMs } from './process-usage.js';
import {
  accountNo,
  ACCOUNTS,
  AMOUNT,
  OPENING_BALANCE,
  type Side,
  type SideSchema,
  type StartFigures,
} from './side.js';

const READY_DEADLINE_MS = 60_000;
const BANKS = ['bank2', 'bank1'] as const;

/** Which services stand in the places of payer and payee, and how the payer's is asked for a transfer. */
export interface BankPair {
  readonly services: Readonly<Record<Bank, ServiceName>>;
  /** Behind the payer's prefix. */
  readonly path: string;
  readonly schema: SideSchema;
}

/** Two services of this repository that move money from one to the other, built, with the settings that they have by themselves. */
export abstract class BankSide implements Side {
  abstract readonly topics: readonly string[];
  readonly schema: SideSchema;
  private readonly banks = new Map<Bank, ServiceProcess>();

  protected constructor(
    readonly name: string,
    protected readonly world: BenchWorld,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly pair: BankPair,
  ) {
    this.schema = pair.schema;
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.banks].map(([name, bank]) => [name, bank.pid]));
  }

  /** Of the banks that run, with their prefix. */
  urls(): string[] {
    return [...this.banks.values()].map(({ url }) => url);
  }

  /** Where the payer's bank is asked for a transfer. */
  get transfersUrl(): string {
    return `${this.bank('bank1').url}/${this.pair.path}`;
  }

  async start(): Promise<StartFigures[]> {
    await this.openAccounts();
    const figures: StartFigures[] = [];
    for (const bank of BANKS) figures.push(await this.startBank(bank));
    return figures;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.banks.values()].map((bank) => bank.kill('SIGTERM')));
    this.banks.clear();
  }

  /** @param nextTxNo - where transfers are to be found again; without it the payer's bank gives the numbers */
  target(nextAccountNo: () => string, nextTxNo?: () => string): LoadTarget {
    const { hostname, port, pathname } = new URL(this.transfersUrl);
    const head =
      `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      'Content-Type: application/json\r\nContent-Length: ';
    return {
      host: hostname,
      port: Number(port),
      request: () => {
        const no = nextAccountNo();
        const txNo = nextTxNo === undefined ? '' : `"txNo":"${nextTxNo()}",`;
        const body = `{${txNo}"accountNo":"${no}","toAccountNo":"${no}","amount":"${AMOUNT}"}`;
        return Buffer.from(`${head}${body.length}\r\n\r\n${body}`, 'latin1');
      },
      isAccepted: (status) => status === 201,
    };
  }

  private async startBank(bank: Bank): Promise<StartFigures> {
    const { MYSQL_ROOT_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = this.world.environment;
    const began = performance.now();
    const instance = await ServiceProcess.start({
      service: this.pair.services[bank],
      mysqlUrl: databaseUrl(MYSQL_ROOT_URL, this.schema[bank]),
      endpoints: ROCKETMQ_ENDPOINTS,
      logFile: join(this.world.directory, `${this.schema[bank]}.log`),
      environment: {
        NODE_ENV: 'production',
        ROCKETMQ_NAMESRV,
        ...(bank === 'bank1' && { BANK2_URL: new URL(this.bank('bank2').url).origin }),
        ...this.settings,
      },
    });
    this.banks.set(bank, instance);
    await instance.waitUntilReady(READY_DEADLINE_MS);
    return { process: bank, readyMs: performance.now() - began, cpuMs: cpuMs(instance.pid) };
  }

  private bank(name: Bank): ServiceProcess {
    const bank = this.banks.get(name);
    if (bank === undefined) throw new Error(`${name} does not run`);
    return bank;
  }

  private async openAccounts(): Promise<void> {
    for (const [bank, balance] of [
      ['bank1', OPENING_BALANCE],
      ['bank2', '0.00'],
    ] as const) {
      const rows = Array.from({ length: ACCOUNTS }, (_, index) => [
        'bench',
        accountNo(index),
        balance,
        balance,
        'ACTIVE',
      ]);
      await this.world.pool.query(
        `INSERT IGNORE INTO ${this.schema[bank]}.account_info
           (account_name, account_no, account_balance, opening_balance, status) VALUES ?`,
        [rows],
      );
    }
  }
}
