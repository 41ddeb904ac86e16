import { RESULT_TOPIC, TRANSFER_TOPIC, type Bank } from '@txmsg/contracts';
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

/** Both banks, built, with the settings that they have by themselves. */
export class OurSide implements Side {
  readonly topics: readonly string[];
  readonly schema: SideSchema;
  private readonly banks = new Map<Bank, ServiceProcess>();

  /** @param databases - which exist, as those of the stack do */
  constructor(
    private readonly world: BenchWorld,
    private readonly settings: Readonly<Record<string, string>> = {},
    readonly name = 'ours',
    databases: Readonly<Record<Bank, string>> = { bank1: 'bank1', bank2: 'bank2' },
  ) {
    this.topics = [settings.TRANSFER_TOPIC ?? TRANSFER_TOPIC, settings.RESULT_TOPIC ?? RESULT_TOPIC];
    this.schema = {
      ...databases,
      debited: 'outgoing_transfer',
      credited: 'incoming_transfer',
      recent: 'de_duplication',
      completed: 'outgoing_transfer',
    };
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.banks].map(([name, bank]) => [name, bank.pid]));
  }

  /** Of the banks that run, with their prefix. */
  urls(): string[] {
    return [...this.banks.values()].map(({ url }) => url);
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

  /** @param nextTxNo - where transfers are to be found again; without it bank1 gives the numbers */
  target(nextAccountNo: () => string, nextTxNo?: () => string): LoadTarget {
    const { hostname, port, pathname } = new URL(this.bank('bank1').url);
    const head =
      `POST ${pathname}/transfers HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
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
      service: bank,
      mysqlUrl: databaseUrl(MYSQL_ROOT_URL, this.schema[bank]),
      endpoints: ROCKETMQ_ENDPOINTS,
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
