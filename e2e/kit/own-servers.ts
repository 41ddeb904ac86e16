import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EARLY_CHECK_BROKER_SETTINGS, type BrokerSettings } from '../../tools/stack/broker-settings.js';
import { LocalStack } from '../../tools/stack/local-stack.js';
import type { StackPorts } from '../../tools/stack/ports.js';
import { guardServers } from '../../tools/stack/server-guard.js';
import type { StackSecurity } from '../../tools/stack/stack-security.js';
import type { Servers } from './servers.js';

/** Preferred ones, others for each test, since several may look for free ports at once; what is already in use is replaced. */
function preferredPorts(): StackPorts {
  const first = randomInt(21_000, 31_000);
  return {
    mysql: first,
    namesrv: first + 10,
    broker: first + 20,
    proxyRemoting: first + 30,
    proxy: first + 31,
    seata: first + 40,
    seataConsole: first + 41,
  };
}

/** Servers for a test that stops and kills them. They do not outlive this process, however it ends. */
export class OwnServers {
  private constructor(
    readonly stack: LocalStack,
    readonly servers: Servers,
    private readonly guard: ChildProcess,
  ) {}

  /**
   * @param broker - settings beside those that make check-backs come early
   * @param security - how RocketMQ is locked
   */
  static async start(
    broker: Partial<BrokerSettings> = {},
    security: StackSecurity = {},
  ): Promise<OwnServers> {
    const directory = mkdtempSync(join(tmpdir(), 'txmsg-e2e-'));
    const guard = guardServers(directory, 'DELETE');
    const settings = { ...EARLY_CHECK_BROKER_SETTINGS, ...broker };
    const stack = new LocalStack({ directory, ports: preferredPorts(), broker: settings, security });
    const { MYSQL_ROOT_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = await stack.up();
    const servers = {
      mysqlRootUrl: MYSQL_ROOT_URL,
      endpoints: ROCKETMQ_ENDPOINTS,
      namesrv: ROCKETMQ_NAMESRV,
      security,
    };
    return new OwnServers(stack, servers, guard);
  }

  async stop(): Promise<void> {
    await this.stack.reset();
    this.guard.kill('SIGKILL');
    rmSync(this.stack.directory, { recursive: true, force: true });
  }
}
