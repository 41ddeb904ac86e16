import { mysqlUrlVariable, SEATA_BANKS, type SeataBank } from '@txmsg/contracts';
import { freePort } from '../../stack/ports.js';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';
import { TcpGate } from './tcp-gate.js';

/** After so long the coordinator rolls back what was not ended; soon enough for a scene that lets it pass. */
export const GLOBAL_TIMEOUT_MS = 8000;
/** A participant whose initiator gives up before it does. */
const PATIENT_TIMEOUT_MS = 60_000;

/** Two instances of bank2, the first of which is cut off from its servers whenever the scene likes. */
export interface TwoInstances {
  readonly first: DemoService<SeataBank>;
  readonly second: DemoService<SeataBank>;
  /** Between the first and MySQL. */
  readonly database: TcpGate;
  /** Between the first and the coordinator. */
  readonly coordinator: TcpGate;
}

/** Everything that runs for the scene: the servers with Seata's coordinator, and both banks. */
export class SeataWorld extends ServicesWorld<SeataBank, DemoService<SeataBank>> {
  private readonly gates: TcpGate[] = [];

  constructor(terminal: Terminal) {
    super(terminal, SEATA_BANKS, 'the banks', true);
  }

  get bank1(): DemoService<SeataBank> {
    return this.instance('seata-bank1');
  }

  get bank2(): DemoService<SeataBank> {
    return this.instance('seata-bank2');
  }

  /** Another instance of bank2 on the port of the one that has ended, ready. @returns when it was */
  async startAnotherBank2(): Promise<number> {
    await this.launch('seata-bank2').waitUntilReady();
    return Date.now();
  }

  /** In place of the one that runs. */
  async startTwoOfBank2(): Promise<TwoInstances> {
    const { MYSQL_ROOT_URL, SEATA_SERVER = '' } = this.stack;
    await this.bank2.stop();
    const [database, coordinator] = [
      await TcpGate.open(new URL(MYSQL_ROOT_URL).host),
      await TcpGate.open(SEATA_SERVER),
    ];
    this.gates.push(database, coordinator);
    const mysqlUrl = new URL(this.stack[mysqlUrlVariable('seata-bank2')]);
    mysqlUrl.host = database.address;
    const port = await freePort();
    const second = this.launch('seata-bank2', undefined, { PORT: String(port) });
    await second.waitUntilReady();
    const first = this.launch('seata-bank2', undefined, {
      MYSQL_URL: mysqlUrl.href,
      SEATA_SERVER: coordinator.address,
      GLOBAL_TIMEOUT_MS: String(PATIENT_TIMEOUT_MS),
    });
    await first.waitUntilReady();
    return { first, second, database, coordinator };
  }

  override async stop(): Promise<void> {
    await super.stop();
    await Promise.all(this.gates.map((gate) => gate.close()));
  }

  protected make(name: SeataBank, options: DemoServiceOptions): DemoService<SeataBank> {
    return new DemoService(name, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    return {
      SEATA_SERVER: this.stack.SEATA_SERVER ?? '',
      // bank2 has neither of these two settings.
      BANK2_URL: `http://127.0.0.1:${this.port('seata-bank2')}`,
      TRANSFER_END_INTERVAL_MS: '500',
      GLOBAL_TIMEOUT_MS: String(GLOBAL_TIMEOUT_MS),
      CLASSIC_FAULTS: 'true',
    };
  }
}
