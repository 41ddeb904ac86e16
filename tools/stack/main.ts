import { exitCodeOf } from '../program.js';
import { externalServersOf } from './external-servers.js';
import { LocalStack } from './local-stack.js';
import { showLogs } from './logs.js';
import { wantedPortsOf } from './port-assignment.js';
import { StackError } from './stack-error.js';

const USAGE = `npm run stack -- <command>

  up               start what does not run (MySQL, RocketMQ), make topics and databases
  down             stop every server; data stay
  status [--json]  which servers run, with pid and port
  env              how to reach them, as KEY=value lines
  logs [server] [--follow]   the last lines of mysql, namesrv, broker or all
  reset            stop every server and delete all data`;

async function run([command, ...parameters]: readonly string[]): Promise<number> {
  const stack = new LocalStack({
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
  const { mysql, namesrv, broker } = status;
  const { mysqlUrl, rocketmqEndpoints } = externalServersOf(process.env);
  if (mysqlUrl) console.log('mysql    given by MYSQL_URL');
  else printServer('mysql', mysql.pid, `port ${mysql.port}`);
  if (rocketmqEndpoints) {
    console.log(`broker   given by ROCKETMQ_ENDPOINTS: ${rocketmqEndpoints}`);
    return;
  }
  printServer('namesrv', namesrv.pid, `port ${namesrv.port}`);
  printServer('broker', broker.pid, `port ${broker.port}, applications use ${broker.proxyPort}`);
}

function printServer(name: string, pid: number | null, ports: string): void {
  console.log(`${name.padEnd(8)} ${pid === null ? 'not running' : `pid ${pid}`}, ${ports}`);
}

function printEnvironment(stack: LocalStack): void {
  if (!stack.isUp) throw new StackError('The local stack is not up: "npm run stack -- up" starts it.');
  const lines = Object.entries(stack.env()).map(([name, value]) => `${name}=${value}`);
  console.log(lines.join('\n'));
}

process.exitCode = await exitCodeOf(run);
