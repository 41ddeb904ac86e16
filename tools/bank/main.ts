import { exitCodeOf } from '../program.js';
import type { Bank } from '@txmsg/bank/provisioning';
import { LocalStack } from '../stack/local-stack.js';
import { StackError } from '../stack/stack-error.js';
import { buildBanks } from '../../e2e/kit/bank-build.js';
import { bankEnvironment } from '../../e2e/kit/bank-environment.js';
import { BankProcess, stopOnSignal } from '../../e2e/kit/bank-process.js';

async function run([bank]: readonly string[]): Promise<number> {
  if (!isBank(bank))
    throw new StackError('Usage: npm run bank1, or npm run bank2; PORT chooses another port.');
  const stack = new LocalStack();
  const environment = bankEnvironment(bank, stack, process.env);
  if (!process.env.MYSQL_URL && !process.env.MYSQL_URL_FILE) await stack.checkMysql();
  await buildBanks([bank]);
  const instance = new BankProcess(bank, environment);
  stopOnSignal([instance]);
  return instance.exitCode;
}

function isBank(name: string | undefined): name is Bank {
  return name === 'bank1' || name === 'bank2';
}

process.exitCode = await exitCodeOf(run);
