import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { txmsgSql } from 'txmsg/schema';
import { postJson } from '../../../e2e/kit/http.js';
import { freePort } from '../../stack/ports.js';
import { repositoryDirectory } from '../../stack/stack-paths.js';
import { StackError } from '../../stack/stack-error.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { end, untilHealthy, type StartedService } from '../transfer/service-process.js';
import { CONSUMER_GROUP, DATABASE, TOPIC, type PlannedSubscriber } from './notification-plan.js';

const TOOLS = join(repositoryDirectory, 'tools');
const WEBHOOKS_SCRIPT = join(repositoryDirectory, 'libs', 'webhooks', 'sql', 'webhooks.sql');

/** The service that is measured, as a process with a database of its own. */
export class NotifyingProcess {
  private constructor(private readonly service: StartedService) {}

  static async start(world: BenchWorld): Promise<NotifyingProcess> {
    await world.createTopic(TOPIC, 'NORMAL', CONSUMER_GROUP);
    await createDatabase(world);
    const port = await freePort();
    const log = createWriteStream(join(world.directory, `${DATABASE}.log`), { flags: 'a' });
    const child = spawn(
      process.execPath,
      [
        '--conditions=txmsg-source',
        ...['--import', pathToFileURL(join(TOOLS, 'end-with-parent.mjs')).href],
        ...['--import', import.meta.resolve('@swc-node/register/esm-register')],
        join(TOOLS, 'bench', 'notification', 'notifying-service.ts'),
      ],
      { cwd: repositoryDirectory, env: environmentOf(world, port), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const service = new NotifyingProcess({ process: child, port });
    await untilHealthy(service.url, child, 'The service that notifies');
    return service;
  }

  get pid(): number {
    return this.service.process.pid ?? 0;
  }

  /** @returns its id */
  async subscribe({ index, type, death }: PlannedSubscriber, url: string): Promise<string> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const name = `${index} ${death ?? 'lives'} ${randomBytes(4).toString('hex')}`;
    const subscriber = { name, url, events: [type], secret, allowPrivateAddresses: true };
    const { status, body } = await postJson(this.url, JSON.stringify(subscriber));
    if (status !== 201) throw new StackError(`No subscriber could be made: the service answered ${status}.`);
    return String(body?.id);
  }

  stop(): Promise<void> {
    return end(this.service.process);
  }

  private get url(): string {
    return `http://127.0.0.1:${this.service.port}/`;
  }
}

function environmentOf(world: BenchWorld, port: number): NodeJS.ProcessEnv {
  const { MYSQL_ROOT_URL, ROCKETMQ_ENDPOINTS } = world.environment;
  return {
    ...process.env,
    NODE_ENV: 'production',
    TXMSG_PARENT_PID: String(process.pid),
    MYSQL_URL: new URL(DATABASE, MYSQL_ROOT_URL).href,
    ROCKETMQ_ENDPOINTS,
    WEBHOOK_KEY: randomBytes(32).toString('base64'),
    PORT: String(port),
  };
}

async function createDatabase(world: BenchWorld): Promise<void> {
  const connection = await world.connect();
  try {
    await connection.query(`CREATE DATABASE ${DATABASE}; USE ${DATABASE}`);
    await connection.query(txmsgSql());
    await connection.query(await readFile(WEBHOOKS_SCRIPT, 'utf8'));
  } finally {
    await connection.end();
  }
}
