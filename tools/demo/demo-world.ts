import 'reflect-metadata';
import { join } from 'node:path';
import { BANKS, mysqlUrlVariable, serviceNamed, variablePrefix, type Bank } from '@txmsg/contracts';
import { adminTokenFor } from '../../e2e/kit/admin-token.js';
import { buildServices } from '../../e2e/kit/service-build.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { canListen } from '../stack/ports.js';
import { StackError } from '../stack/stack-error.js';
import { DemoBank } from './demo-bank.js';
import { DemoServers } from './demo-servers.js';
import type { Terminal } from './terminal.js';

/** The faults that the banks are started with, as the value of their setting FAULTS. */
export type DemoFaults = Readonly<Record<Bank, readonly object[]>>;

const NO_FAULTS: readonly object[] = [];

/** Everything that runs for the demo: the servers and both banks. */
export class DemoWorld {
  readonly servers: DemoServers;
  private readonly ports: Readonly<Record<Bank, number>>;
  private readonly instances: DemoBank[] = [];
  private readonly current = new Map<Bank, DemoBank>();
  private environment: StackEnvironment | undefined;
  private preparing: Promise<unknown> = Promise.resolve();
  private isStopping = false;

  constructor(private readonly terminal: Terminal) {
    this.ports = { bank1: portOf('bank1'), bank2: portOf('bank2') };
    this.servers = new DemoServers((line) => {
      terminal.progress(line);
    });
  }

  get bank1(): DemoBank {
    return this.bank('bank1');
  }

  get bank2(): DemoBank {
    return this.bank('bank2');
  }

  get mysqlRootUrl(): string {
    return this.settings().MYSQL_ROOT_URL;
  }

  /** @throws StackError with the one sentence that tells what is in the way */
  async start(faults: DemoFaults): Promise<void> {
    await this.assertPortsFree();
    this.terminal.progress('Starting the servers and building the banks …');
    const built = buildServices(BANKS);
    const up = this.servers.start();
    this.preparing = Promise.allSettled([built, up]);
    [, this.environment] = await Promise.all([built, up]);
    this.terminal.progress('Starting bank1 and bank2 …');
    const banks = [this.launch('bank1', faults.bank1), this.launch('bank2', faults.bank2)];
    await Promise.all(banks.map((bank) => bank.waitUntilReady()));
  }

  /** Another instance of bank1, on the port of the one that has ended; it knows only what the database holds. */
  startAnotherBank1(): DemoBank {
    return this.launch('bank1', NO_FAULTS);
  }

  /** Ends all that the demo started; what was there before stays. May be called at any moment. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.servers.haveBegun) this.terminal.progress('Stopping what the demo has started …');
    await this.preparing;
    await Promise.all(this.instances.map((bank) => bank.stop()));
    await this.servers.stop();
  }

  logFile(bank: Bank): string {
    return join(this.servers.directory, 'logs', `demo-${bank}.log`);
  }

  private async assertPortsFree(): Promise<void> {
    for (const bank of BANKS) {
      const port = this.ports[bank];
      if (await canListen(port)) continue;
      const variable = `${variablePrefix(bank)}_PORT`;
      throw new StackError(
        `Port ${port} is taken (is ${bank} running already?): stop that program, or set ${variable} to a free port.`,
      );
    }
  }

  private launch(bank: Bank, faults: readonly object[]): DemoBank {
    // A stop that was asked for meanwhile must leave nothing new running.
    if (this.isStopping) throw new StackError('The demo is being stopped.');
    const { [mysqlUrlVariable(bank)]: mysqlUrl, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = this.settings();
    const instance = new DemoBank(bank, {
      port: this.ports[bank],
      logFile: this.logFile(bank),
      environment: {
        ...process.env,
        // Faults are refused in production mode, and the demo is about faults.
        NODE_ENV: 'development',
        HOST: '127.0.0.1',
        PORT: String(this.ports[bank]),
        MYSQL_URL: mysqlUrl,
        ROCKETMQ_ENDPOINTS,
        ROCKETMQ_NAMESRV,
        // Where reconciliation of bank1 asks; bank2 has no such setting.
        BANK2_URL: `http://127.0.0.1:${this.ports.bank2}`,
        CLASSIC_GET_ENABLED: 'true',
        ADMIN_TOKEN: adminTokenFor(process.env, this.servers.directory),
        // The steps of a transfer are debug lines.
        LOG_LEVEL: 'debug',
        FAULTS: JSON.stringify(faults),
      },
    });
    this.instances.push(instance);
    this.current.set(bank, instance);
    return instance;
  }

  private bank(name: Bank): DemoBank {
    const instance = this.current.get(name);
    if (!instance) throw new Error(`${name} has not been started`);
    return instance;
  }

  private settings(): StackEnvironment {
    if (!this.environment) throw new Error('the servers have not been started');
    return this.environment;
  }
}

function portOf(bank: Bank): number {
  const variable = `${variablePrefix(bank)}_PORT`;
  const text = process.env[variable];
  if (!text) return serviceNamed(bank).port;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new StackError(`${variable} is "${text}": a port from 1 to 65535 was expected.`);
}
