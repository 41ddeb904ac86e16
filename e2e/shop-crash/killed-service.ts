import type { ServiceName } from '@txmsg/contracts';
import type { FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { faults } from '../kit/faults.js';
import type { LogLine, ServiceProcess } from '../kit/service-process.js';
import type { TestServices } from '../kit/test-services.js';
import { NOBODY } from '../fault-matrix/nobody.js';

const HIT_DEADLINE_MS = 60_000;
const READY_DEADLINE_MS = 90_000;

/** A service that these faults kill, one after another; the next instance starts at once, as under a supervisor. */
export class KilledService<Name extends ServiceName> {
  private readonly instances: ServiceProcess[] = [];
  private isOver = false;

  private constructor(
    private readonly services: TestServices<Name>,
    private readonly name: Name,
    private readonly rules: readonly FaultRule[],
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start<Name extends ServiceName>(
    services: TestServices<Name>,
    name: Name,
    rules: readonly FaultRule[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<KilledService<Name>> {
    const killed = new KilledService(services, name, rules, settings);
    await killed.launch().waitUntilReady(READY_DEADLINE_MS);
    void killed.supervise();
    return killed;
  }

  /** The same for all instances. */
  get url(): string {
    const [first] = this.instances;
    if (first === undefined) throw new Error(`${this.name} was not started`);
    return first.url;
  }

  /** Everything that the instances have logged, also those that were killed. */
  logs(): LogLine[] {
    return this.instances.flatMap((one) => [...one.logs()]);
  }

  /** Waits until this fault has been met; false when it is not in time. */
  async untilHit(rule: FaultRule): Promise<boolean> {
    const hit = eventually(() => this.wasHit(rule), { timeoutMs: HIT_DEADLINE_MS });
    return hit.then(
      () => true,
      () => false,
    );
  }

  wasHit({ point, action, txNo }: FaultRule): boolean {
    return this.logs().some(
      (line) =>
        line.message === 'fault injected' &&
        line.point === point &&
        line.action === action &&
        line.txNo === txNo,
    );
  }

  /** Ends the instance that runs now, and starts no other. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.instances.at(-1)?.kill('SIGTERM');
  }

  private launch(): ServiceProcess {
    const [first] = this.instances;
    const PORT = first === undefined ? '0' : new URL(first.url).port;
    const left = this.rules.filter((rule) => !this.wasHit(rule));
    const settings = { LOG_LEVEL: 'debug', PORT, ...this.settings, ...faults(NOBODY, ...left) };
    const instance = this.services.launch(this.name, settings);
    this.instances.push(instance);
    return instance;
  }

  private async supervise(): Promise<void> {
    for (;;) {
      const { signal } = (await this.instances.at(-1)?.exited) ?? {};
      // Any other end is the test's: it closes its services.
      if (this.isOver || signal !== 'SIGKILL') return;
      try {
        this.launch();
      } catch {
        return;
      }
    }
  }
}
