import type { DemoWorld } from './demo-world.js';
import { StackError } from '../stack/stack-error.js';
import type { Terminal } from './terminal.js';

/** Tells what there is to try, and returns only by an error: when a bank has ended by itself. */
export async function keepRunning(world: DemoWorld, terminal: Terminal): Promise<never> {
  for (const line of invitation(world)) terminal.line(line);
  const banks = [world.bank1, world.bank2];
  const ended = await Promise.race(banks.map((bank) => bank.ended.then(({ how }) => ({ bank, how }))));
  throw new StackError(`${ended.bank.name} has ended by itself (${ended.how}).\n${ended.bank.lastWords()}`);
}

function invitation(world: DemoWorld): string[] {
  const bank1 = world.bank1.client.url;
  const bank2 = world.bank2.client.url;
  return [
    '',
    'Everything keeps running. Try:',
    `  curl '${bank1}/transfer?amount=100'`,
    `  curl -X POST ${bank1}/transfers -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `       -d '{"accountNo":"1","toAccountNo":"2","amount":"12.34"}'`,
    `  curl ${bank1}/transfers/my-first`,
    `  curl ${bank2}/transfers/my-first`,
    `  curl ${bank1}/accounts/1`,
    `  curl ${bank2}/accounts/2`,
    `Every call is described at ${bank1}/docs and ${bank2}/docs.`,
    `The banks' logs: ${world.logFile('bank1')}, ${world.logFile('bank2')}`,
    `Ctrl-C stops both banks${world.servers.wereRunning ? '; the servers ran before and stay' : ' and the servers'}.`,
  ];
}
