import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import type { ComposeProject } from './compose-project.js';

export const BROKERS = ['broker', 'broker-replica'] as const;
export type Broker = (typeof BROKERS)[number];

/** The controller notices within seconds who has come or gone. */
const DEADLINE = { deadlineMs: 2 * 60_000, intervalMs: 1000 };

/** The two brokers as the controller sees them. */
export class BrokerGroup {
  constructor(private readonly project: ComposeProject) {}

  /** Waits until a living broker is the master and so many are in step with it, itself included. @returns it */
  async master(inStep: number): Promise<Broker> {
    let found: Broker | undefined;
    await waitUntil(`A master with ${inStep} in step`, DEADLINE, async () => {
      const { master, synchronised } = await this.ask();
      const addresses = await Promise.all(BROKERS.map((broker) => this.addressOf(broker)));
      found = BROKERS[addresses.indexOf(master)];
      return found !== undefined && synchronised === inStep;
    });
    if (found === undefined) throw new StackError('No broker is the master.');
    return found;
  }

  /** @throws Error while the controller gives no answer: it is slow, or has just elected nobody */
  private async ask(): Promise<{ master: string; synchronised: number }> {
    const output = await this.project.execute('namesrv', [
      'java',
      '-Xmx48m',
      '-Drmq.logback.configurationFile=conf/rmq.tools.logback.xml',
      '-cp',
      'conf:lib/*',
      'org.apache.rocketmq.tools.command.MQAdminStartup',
      ...['getSyncStateSet', '-a', 'namesrv:9878', '-b', 'broker-a'],
    ]);
    const master = /#MasterAddr\s+(\S+):\d+/.exec(output)?.[1];
    const synchronised = /#SyncStateSetNums\s+(\d+)/.exec(output)?.[1];
    if (master === undefined) throw new Error(`The controller knows no master: ${output.trim()}`);
    return { master, synchronised: Number(synchronised) };
  }

  /** Undefined while it is down. */
  private addressOf(broker: Broker): Promise<string | undefined> {
    return this.project.execute(broker, ['hostname', '-i']).then(
      (output) => output.trim(),
      () => undefined,
    );
  }
}
