import { createWriteStream } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../stack/ports.js';
import { repositoryDirectory } from '../../stack/stack-paths.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import type { LoadTarget } from '../transfer/http-load.js';
import { cpuMs } from '../transfer/process-usage.js';
import { end, untilHealthy, type StartedService } from '../transfer/service-process.js';
import { AMOUNT, OPENING_BALANCE, type Side, type StartFigures } from '../transfer/side.js';
import { createPaymentDatabase } from './payment-database.js';
import { consumerGroupOf, topicOf, type SmallPattern } from './patterns.js';

/** The report's names: the sender stands where bank1 does, the receiver where bank2 does. */
const ROLES = { bank2: 'receiver', bank1: 'sender' } as const;
type Place = keyof typeof ROLES;
const PLACES = ['bank2', 'bank1'] as const;
/** XA has no receiver: the sender reaches both databases. */
const PROGRAMS = {
  messages: { places: PLACES, file: ['patterns', 'pattern-service.ts'] },
  xa: { places: ['bank1'], file: ['patterns', 'xa', 'xa-service.ts'] },
} as const;
const TOOLS = join(repositoryDirectory, 'tools');

/** The smallest services of one pattern, with two databases of their own: sender and receiver, or, for XA, one for both. */
export class PatternSide implements Side {
  readonly topics: readonly string[];
  readonly schema: Side['schema'];
  private readonly program: (typeof PROGRAMS)[keyof typeof PROGRAMS];
  private readonly running = new Map<Place, StartedService>();

  constructor(
    private readonly world: BenchWorld,
    readonly name: SmallPattern,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    this.topics = name === 'xa' ? [] : [topicOf(name)];
    this.program = name === 'xa' ? PROGRAMS.xa : PROGRAMS.messages;
    this.schema = {
      bank1: `bench_${name}_sender`,
      bank2: `bench_${name}_receiver`,
      debited: 'payment',
      credited: 'payment',
    };
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.running].map(([place, { process }]) => [place, process.pid ?? 0]));
  }

  /** Topic, group and databases, once; every start after that finds them. */
  async prepare(): Promise<void> {
    const { name } = this;
    if (name !== 'xa') {
      const type = name === 'outbox' ? 'NORMAL' : 'TRANSACTION';
      await this.world.createTopic(topicOf(name), type, consumerGroupOf(name));
    }
    for (const place of PLACES) {
      const balance = place === 'bank1' ? OPENING_BALANCE : '0.00';
      await createPaymentDatabase(this.world, this.schema[place], balance);
    }
  }

  async start(): Promise<StartFigures[]> {
    const figures: StartFigures[] = [];
    for (const place of this.program.places) figures.push(await this.startService(place));
    return figures;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ process }) => end(process)));
    this.running.clear();
  }

  target(nextAccountNo: () => string): LoadTarget {
    const port = this.running.get('bank1')?.port ?? 0;
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: `;
    return {
      host: '127.0.0.1',
      port,
      request: () => {
        const body = `{"accountNo":"${nextAccountNo()}","amount":"${AMOUNT}"}`;
        return Buffer.from(`${head}${body.length}\r\n\r\n${body}`, 'latin1');
      },
      isAccepted: (status) => status === 201,
    };
  }

  private async startService(place: Place): Promise<StartFigures> {
    const began = performance.now();
    const port = await freePort();
    const log = createWriteStream(join(this.world.directory, `${this.schema[place]}.log`), { flags: 'a' });
    const child = spawn(
      process.execPath,
      [
        '--conditions=txmsg-source',
        ...['--import', pathToFileURL(join(TOOLS, 'end-with-parent.mjs')).href],
        ...['--import', import.meta.resolve('@swc-node/register/esm-register')],
        join(TOOLS, 'bench', ...this.program.file),
      ],
      { cwd: repositoryDirectory, env: this.environmentOf(place, port), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.running.set(place, { process: child, port });
    await untilHealthy(`http://127.0.0.1:${port}/`, child, `The ${ROLES[place]} of "${this.name}"`);
    return { process: place, readyMs: performance.now() - began, cpuMs: cpuMs(child.pid ?? 0) };
  }

  private environmentOf(place: Place, port: number): NodeJS.ProcessEnv {
    const { MYSQL_ROOT_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = this.world.environment;
    return {
      ...process.env,
      NODE_ENV: 'production',
      TXMSG_PARENT_PID: String(process.pid),
      MYSQL_URL: new URL(this.schema[place], MYSQL_ROOT_URL).href,
      PAYEE_MYSQL_URL: new URL(this.schema.bank2, MYSQL_ROOT_URL).href,
      ROCKETMQ_ENDPOINTS,
      ROCKETMQ_NAMESRV,
      ROLE: ROLES[place],
      PATTERN: this.name,
      PORT: String(port),
      ...this.settings,
    };
  }
}
