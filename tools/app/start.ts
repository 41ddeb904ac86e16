import { BANKS, mysqlUrlVariable } from '@txmsg/contracts';
import { exitCodeOf } from '../program.js';
import { externalServersOf } from '../stack/external-servers.js';
import { LocalStack } from '../stack/local-stack.js';
import { wantedPortsOf } from '../stack/port-assignment.js';
import { buildServices } from '../../e2e/kit/service-build.js';
import { adminTokenSetting, metricsFor } from './service-environment.js';
import { ServiceProcess, stopOnSignal } from '../../e2e/kit/service-process.js';

/** Everything in the foreground until Ctrl-C, or until one of the banks ends. */
async function run(): Promise<number> {
  const stack = new LocalStack({
    ports: wantedPortsOf(process.env),
    external: externalServersOf(process.env),
    onProgress: (line) => {
      console.error(line);
    },
  });
  const stackWasUp = stack.isUp;
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ended.abort();
    });
  }
  try {
    await Promise.all([stack.up(), buildServices(BANKS)]);
    return ended.signal.aborted ? 0 : await runBanks(stack);
  } finally {
    // A stack that was running before is left alone.
    if (!stackWasUp) await stack.down();
  }
}

async function runBanks(stack: LocalStack): Promise<number> {
  const environment = stack.env();
  const { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = environment;
  // One port, or one database, cannot serve two banks; `npm run bank1` is for others.
  const own = { PORT: undefined, MYSQL_URL_FILE: undefined };
  const fromStack = { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV, ...adminTokenSetting(process.env, stack) };
  const shared = { ...process.env, ...own, ...fromStack, ...metricsFor(process.env) };
  const banks = BANKS.map(
    (bank) => new ServiceProcess(bank, { ...shared, MYSQL_URL: environment[mysqlUrlVariable(bank)] }),
  );
  stopOnSignal(banks);
  const firstExitCode = await Promise.race(banks.map((bank) => bank.exitCode));
  for (const bank of banks) bank.stop();
  await Promise.all(banks.map((bank) => bank.exitCode));
  return firstExitCode;
}

process.exitCode = await exitCodeOf(run);
