import { parseArgs } from 'node:util';
import { exitCodeOf } from '../program.js';
import { externalServersOf } from './external-servers.js';
import { LocalStack } from './local-stack.js';
import { showLogs } from './logs.js';
import { wantedPortsOf } from './port-assignment.js';
import { DEFAULT_SEATA_VERSION, SEATA_VERSIONS, seataVersionOf, type SeataVersion } from './seata-version.js';
import { StackError } from './stack-error.js';

const USAGE = `npm run stack -- <command>

  up               start what does not run (MySQL, RocketMQ), make topics and databases
    --with seata   and the transaction coordinator, until "down"; --seata ${SEATA_VERSIONS.join(' or ')}
  down             stop every server; data stay
  status [--json]  which servers run, with pid and port
  env              how to reach them, as KEY=value lines
  logs [server] [--follow]   the last lines of mysql, namesrv, broker, seata or all
  reset            stop every server and delete all data`;

async function run([command, ...parameters]: readonly string[]): Promise<number> {
  const seata = command === 'up' ? wantedCoordinator(parameters) : undefined;
  const stack = new LocalStack({
    ...(seata && { seata }),
    ports: wantedPortsOf(process.env),
    external: externalServersOf(process.env),
    // On standard error, so that `env` and `status --json` can be read by programs.
    onProgress: (line) => {
      console.error(line);
    },
  });
  const commands: Partial<Record<string, () => void | Promise<void>>> = {
    up: () => up(stack),
    down: () => stack.down(),
    status: () => {
      printStatus(stack, parameters.includes('--json'));
    },
    env: () => {
      printEnvironment(stack);
    },
    logs: () => showLogs(stack.directory, parameters),
    reset: () => reset(stack),
  };
  const chosen = commands[command ?? ''];
  if (!chosen) throw new StackError(USAGE);
  await chosen();
  return 0;
}

/** @throws StackError for what `up` does not know */
function wantedCoordinator(parameters: readonly string[]): SeataVersion | undefined {
  const { values } = parseUpArguments(parameters);
  if (values.with === undefined && values.seata === undefined) return undefined;
  if (values.with !== 'seata')
    throw new StackError(`"up" starts --with seata, and nothing else.\n\n${USAGE}`);
  return seataVersionOf(values.seata ?? DEFAULT_SEATA_VERSION);
}

function parseUpArguments(parameters: readonly string[]): { values: { with?: string; seata?: string } } {
  try {
    const options = { with: { type: 'string' }, seata: { type: 'string' } } as const;
    return parseArgs({ args: [...parameters], options });
  } catch (error) {
    throw new StackError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

async function up(stack: LocalStack): Promise<void> {
  const started = performance.now();
  await stack.up();
  console.log(`The local stack is up (${((performance.now() - started) / 1000).toFixed(1)} s).`);
  printStatus(stack, false);
}

async function reset(stack: LocalStack): Promise<void> {
  await stack.reset();
  console.log('All data are deleted; "npm run stack -- up" starts empty servers.');
}

function printStatus(stack: LocalStack, asJson: boolean): void {
  const status = stack.status();
  if (asJson) {
    console.log(JSON.stringify(status));
    return;
  }
  const { mysql, namesrv, broker, seata } = status;
  const { mysqlUrl, rocketmqEndpoints, seataServer } = externalServersOf(process.env);
  if (mysqlUrl) console.log('mysql    given by MYSQL_URL');
  else printServer('mysql', mysql.pid, `port ${mysql.port}`);
  if (rocketmqEndpoints) console.log(`broker   given by ROCKETMQ_ENDPOINTS: ${rocketmqEndpoints}`);
  else {
    printServer('namesrv', namesrv.pid, `port ${namesrv.port}`);
    printServer('broker', broker.pid, `port ${broker.port}, applications use ${broker.proxyPort}`);
  }
  if (seataServer) console.log(`seata    given by SEATA_SERVER: ${seataServer}`);
  else if (seata) {
    const { version, host, port, consolePort } = seata;
    printServer('seata', seata.pid, `${version} at ${host}:${port}, console http://${host}:${consolePort}`);
  }
}

function printServer(name: string, pid: number | null, ports: string): void {
  console.log(`${name.padEnd(8)} ${pid === null ? 'not running' : `pid ${pid}`}, ${ports}`);
}

function printEnvironment(stack: LocalStack): void {
  // One that was killed is found at the same address when it is back.
  if (!stack.isUp && stack.isDown)
    throw new StackError('The local stack is not up: "npm run stack -- up" starts it.');
  const lines = Object.entries(stack.env()).map(([name, value]) => `${name}=${value}`);
  console.log(lines.join('\n'));
}

process.exitCode = await exitCodeOf(run);
