import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BANKS, mysqlUrlVariable } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { EARLY_CHECK_BROKER_SETTINGS } from '../stack/broker-settings.js';
import { LocalStack } from '../stack/local-stack.js';
import { guardServers } from '../stack/server-guard.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { ChaosBank } from './chaos-bank.js';
import { ChaosLog } from './chaos-log.js';
import type { ChaosTransport } from './chaos-options.js';
import {
  BANK_TARGETS,
  SERVER_TARGETS,
  type BankTarget,
  type ServerTarget,
  type Target,
} from './fault-plan.js';

/** Preferred ones, beside those of the other stacks; those that are taken are replaced. */
const PORTS = { mysql: 25306, namesrv: 25876, broker: 25911, proxy: 25081, proxyRemoting: 25080 };

/** Servers and banks of a run, with a folder of their own, which begins empty. */
export class ChaosWorld {
  readonly banks: ReadonlyMap<BankTarget, ChaosBank>;
  readonly log: ChaosLog;
  /** Banks that ended though nobody had killed them. */
  readonly unexpectedEnds: string[] = [];
  private readonly stack: LocalStack;
  private guard: ChildProcess | undefined;
  private starting: Promise<unknown> = Promise.resolve();
  private isStopping = false;

  /** @param previous - a checkout of the version before, built: of each bank, one instance is of that version */
  constructor(
    onProgress: (line: string) => void,
    previous?: string,
    private readonly transport: ChaosTransport = 'grpc',
  ) {
    const directory = join(repositoryDirectory, '.stack', 'chaos');
    this.stack = new LocalStack({ directory, ports: PORTS, broker: EARLY_CHECK_BROKER_SETTINGS, onProgress });
    const logs = join(directory, 'bank-logs');
    rmSync(logs, { recursive: true, force: true });
    this.log = new ChaosLog(logs);
    const onEnd = (what: string): void => {
      this.unexpectedEnds.push(what);
    };
    const checkoutOf = (name: BankTarget): string | undefined => (name.endsWith('-b') ? previous : undefined);
    this.banks = new Map(
      BANK_TARGETS.map((name) => [name, new ChaosBank(name, {}, this.log, onEnd, checkoutOf(name))]),
    );
  }

  get directory(): string {
    return this.stack.directory;
  }

  get environment(): StackEnvironment {
    return this.stack.env();
  }

  async start(): Promise<void> {
    this.guard = guardServers(this.directory, 'STOP');
    this.starting = Promise.allSettled([
      this.stack.reset().then(() => this.stack.up()),
      buildServices(BANKS),
    ]);
    for (const result of (await this.starting) as PromiseSettledResult<unknown>[]) {
      if (result.status === 'rejected') throw result.reason;
    }
    await this.startBanks(['bank2-a', 'bank2-b']);
    await this.startBanks(['bank1-a', 'bank1-b']);
  }

  /** The bank1 instances that may answer just now. */
  bank1Urls(): string[] {
    return (['bank1-a', 'bank1-b'] as const).flatMap((name) => this.banks.get(name)?.url ?? []);
  }

  async kill(target: Target): Promise<void> {
    if (isServer(target)) await this.stack.killServer(target);
    else await this.bank(target).kill();
  }

  /** Starts what was killed, and waits until it works as far as its neighbours let it. */
  async startAgain(target: Target): Promise<void> {
    if (this.isStopping) return;
    if (isServer(target)) await this.stack.startServer(target);
    else this.bank(target).start();
  }

  async freeze(target: Target): Promise<void> {
    if (isServer(target)) this.stack.signalServer(target, 'SIGSTOP');
    else await this.bank(target).signal('SIGSTOP');
  }

  async thaw(target: Target): Promise<void> {
    if (isServer(target)) this.stack.signalServer(target, 'SIGCONT');
    else await this.bank(target).signal('SIGCONT');
  }

  /** Kills the broker, deletes its store, and starts it with new topics and groups. */
  wipeBroker(): Promise<void> {
    return this.stack.wipeBroker();
  }

  /** Everything runs and is ready when this returns. */
  async heal(): Promise<void> {
    for (const name of SERVER_TARGETS) {
      if (this.stack.isRunning(name)) this.stack.signalServer(name, 'SIGCONT');
      await this.stack.startServer(name);
    }
    for (const bank of this.banks.values()) await bank.signal('SIGCONT');
    await Promise.all([...this.banks.values()].map((bank) => bank.untilReady()));
  }

  /** Ends every process; the data stay for inspection. May be called at any moment, and again. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.starting;
    await Promise.all([...this.banks.values()].map((bank) => bank.stop()));
    await this.stack.down();
    this.guard?.kill('SIGKILL');
  }

  private async startBanks(names: readonly BankTarget[]): Promise<void> {
    for (const name of names) {
      if (this.isStopping) return;
      this.bank(name).start(this.settingsOf(name));
    }
    await Promise.all(names.map((name) => this.bank(name).untilReady()));
  }

  /** Everything that takes minutes by default takes seconds here, so that a run ends. */
  private settingsOf(name: BankTarget): NodeJS.ProcessEnv {
    const { bank } = this.bank(name);
    const { [mysqlUrlVariable(bank)]: mysqlUrl, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = this.environment;
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      MYSQL_URL: mysqlUrl,
      ROCKETMQ_TRANSPORT: this.transportOf(name),
      ROCKETMQ_ENDPOINTS,
      ROCKETMQ_NAMESRV,
      // A bank that is started while MySQL is frozen or down must not give up.
      DATABASE_START_TIMEOUT_MS: '300000',
      ...(bank === 'bank1' && {
        BANK2_URL: new URL(this.bank(name === 'bank1-a' ? 'bank2-a' : 'bank2-b').url ?? '').origin,
        RECONCILE_AFTER_MS: '10000',
        RECONCILE_INTERVAL_MS: '2000',
      }),
    };
  }

  private transportOf(name: BankTarget): string {
    if (this.transport !== 'mixed') return this.transport;
    return name.endsWith('-a') ? 'remoting' : 'grpc';
  }

  private bank(name: BankTarget): ChaosBank {
    const bank = this.banks.get(name);
    if (bank === undefined) throw new Error(`there is no ${name}`);
    return bank;
  }
}

function isServer(target: Target): target is ServerTarget {
  return SERVER_TARGETS.includes(target as ServerTarget);
}
