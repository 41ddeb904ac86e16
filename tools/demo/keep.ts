import { StackError } from '../stack/stack-error.js';
import type { DemoServers } from './demo-servers.js';
import type { DemoService } from './demo-service.js';
import type { DemoWorld } from './demo-world.js';
import type { Terminal } from './terminal.js';

/** What is left running when a scene is over. */
export interface Kept {
  readonly services: readonly DemoService[];
  /** What they are together: "both banks". */
  readonly called: string;
  readonly servers: DemoServers;
  /** What there is to try. */
  readonly commands: readonly string[];
}

/** Tells what there is to try, and returns only by an error: when a service has ended by itself. */
export async function keepRunning(
  { services, called, servers, commands }: Kept,
  terminal: Terminal,
): Promise<never> {
  for (const line of [
    '',
    'Everything keeps running. Try:',
    ...commands.map((command) => `  ${command}`),
    `Every call is described at ${services.map(({ url }) => `${url}/docs`).join(' and ')}.`,
    `The logs: ${services.map(({ logFile }) => logFile).join(', ')}`,
    `Ctrl-C stops ${called}${servers.wereRunning ? '; the servers ran before and stay' : ' and the servers'}.`,
  ]) {
    terminal.line(line);
  }
  const ended = await Promise.race(
    services.map((service) => service.ended.then(({ how }) => ({ service, how }))),
  );
  throw new StackError(
    `${ended.service.name} has ended by itself (${ended.how}).\n${ended.service.lastWords()}`,
  );
}

/** After the plain demo. */
export function keepBanks({ bank1, bank2, servers }: DemoWorld, terminal: Terminal): Promise<never> {
  const [one, two] = [bank1.client.url, bank2.client.url];
  const commands = [
    `curl '${one}/transfer?amount=100'`,
    `curl -X POST ${one}/transfers -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"accountNo":"1","toAccountNo":"2","amount":"12.34"}'`,
    `curl ${one}/transfers/my-first`,
    `curl ${two}/transfers/my-first`,
    `curl ${one}/accounts/1`,
    `curl ${two}/accounts/2`,
  ];
  return keepRunning({ services: [bank1, bank2], called: 'both banks', servers, commands }, terminal);
}
