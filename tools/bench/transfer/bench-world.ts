import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createConnection, createPool, type Connection, type Pool } from 'mysql2/promise';
import { RocketmqAdmin } from 'txmsg/admin';
import { LocalStack, type LocalStackOptions } from '../../stack/local-stack.js';
import { guardServers } from '../../stack/server-guard.js';
import { repositoryDirectory } from '../../stack/stack-paths.js';

/** Preferred ones, beside those of the other stacks; those already in use are replaced. */
const PORTS = {
  ...{ mysql: 26306, namesrv: 26876, broker: 26911, proxy: 26081, proxyRemoting: 26080 },
  ...{ seata: 26091, seataConsole: 26092 },
};

/** The servers that both sides work on: as `npm run stack` runs them, in a folder of their own. */
export class BenchWorld {
  private constructor(
    private readonly stack: LocalStack,
    private readonly guard: ChildProcess,
    readonly pool: Pool,
    readonly admin: RocketmqAdmin,
  ) {}

  /** @param servers - what differs from every local stack: MySQL's buffer pool, and a coordinator */
  static async start(
    tell: (line: string) => void,
    servers: Pick<LocalStackOptions, 'bufferPoolMb' | 'seata'> = {},
  ): Promise<BenchWorld> {
    const directory = join(repositoryDirectory, '.stack', 'bench');
    const stack = new LocalStack({ directory, ports: PORTS, onProgress: tell, ...servers });
    const guard = guardServers(directory, 'STOP');
    await stack.reset();
    const { MYSQL_ROOT_URL, ROCKETMQ_NAMESRV } = await stack.up();
    const connections = createPool({ uri: MYSQL_ROOT_URL, connectionLimit: 2, timezone: 'Z' });
    return new BenchWorld(stack, guard, connections, new RocketmqAdmin({ namesrv: ROCKETMQ_NAMESRV }));
  }

  get directory(): string {
    return this.stack.directory;
  }

  get environment(): ReturnType<LocalStack['env']> {
    return this.stack.env();
  }

  /** As the administrator, for scripts of many statements. */
  connect(): Promise<Connection> {
    return createConnection({ uri: this.environment.MYSQL_ROOT_URL, multipleStatements: true });
  }

  /** A topic with a group that has it from its first message. */
  async createTopic(topic: string, type: 'NORMAL' | 'TRANSACTION', consumerGroup: string): Promise<void> {
    await this.admin.createTopic(topic, type);
    await this.admin.createConsumerGroup(consumerGroup);
    await this.admin.startGroupAtFirstMessage(consumerGroup, topic);
  }

  /** Of the servers; both sides use them. */
  pids(): Readonly<Record<string, number>> {
    const { mysql, broker, seata } = this.stack.status();
    return {
      mysqld: mysql.pid ?? 0,
      broker: broker.pid ?? 0,
      ...(seata && { coordinator: seata.pid ?? 0 }),
    };
  }

  async stop(): Promise<void> {
    this.admin.close();
    await this.pool.end();
    await this.stack.down();
    this.guard.kill('SIGKILL');
  }
}
