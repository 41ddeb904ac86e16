import { exitCodeOf } from '../program.js';
import { externalServersOf } from '../stack/external-servers.js';
import { LocalStack } from '../stack/local-stack.js';
import { wantedPortsOf } from '../stack/port-assignment.js';
import { adminTokenFor } from '../../e2e/kit/admin-token.js';
import { buildBanks } from '../../e2e/kit/bank-build.js';
import { BankProcess, stopOnSignal } from '../../e2e/kit/bank-process.js';

const BANKS = ['bank1', 'bank2'] as const;

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
    await Promise.all([stack.up(), buildBanks(BANKS)]);
    return ended.signal.aborted ? 0 : await runBanks(stack);
  } finally {
    // A stack that was running before is left alone.
    if (!stackWasUp) await stack.down();
  }
}

async function runBanks(stack: LocalStack): Promise<number> {
  const { BANK1_MYSQL_URL, BANK2_MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = stack.env();
  const urls = { bank1: BANK1_MYSQL_URL, bank2: BANK2_MYSQL_URL };
  // One port, or one database, cannot serve two banks; `npm run bank1` is for others.
  const { ADMIN_TOKEN_FILE } = process.env;
  const token = ADMIN_TOKEN_FILE ? {} : { ADMIN_TOKEN: adminTokenFor(process.env, stack.directory) };
  const own = { PORT: undefined, MYSQL_URL_FILE: undefined };
  const shared = { ...process.env, ...own, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV, ...token };
  const banks = BANKS.map((bank) => new BankProcess(bank, { ...shared, MYSQL_URL: urls[bank] }));
  stopOnSignal(banks);
  const firstExitCode = await Promise.race(banks.map((bank) => bank.exitCode));
  for (const bank of banks) bank.stop();
  await Promise.all(banks.map((bank) => bank.exitCode));
  return firstExitCode;
}

process.exitCode = await exitCodeOf(run);
