import type { ServiceName } from '@txmsg/contracts';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';

const THREE = ['pay', 'bank1', 'notifier'] as const satisfies readonly ServiceName[];
type OneOfThree = (typeof THREE)[number];

/** Everything that runs for the scene: the servers, pay, bank1 and notifier. */
export class NotificationWorld extends ServicesWorld<OneOfThree, DemoService<OneOfThree>> {
  constructor(terminal: Terminal) {
    super(terminal, THREE, 'pay, bank1 and notifier');
  }

  get pay(): DemoService {
    return this.instance('pay');
  }

  get bank1(): DemoService {
    return this.instance('bank1');
  }

  get notifier(): DemoService {
    return this.instance('notifier');
  }

  /** Another instance, ready, on the port of the one that has ended. @returns when it was ready */
  async startAnother(name: OneOfThree): Promise<number> {
    this.terminal.progress(`Starting another ${name} …`);
    await this.launch(name).waitUntilReady();
    return Date.now();
  }

  protected make(name: OneOfThree, options: DemoServiceOptions): DemoService<OneOfThree> {
    return new DemoService(name, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    return {
      // Of bank1. The ladder stays as it is: the scene moves the clock.
      PAY_URL: `http://127.0.0.1:${this.port('pay')}`,
      RECONCILE_INTERVAL_MS: '500',
      // Of notifier: a circuit is measured by the real time, and the clock is moved here.
      BREAKER_PAUSE_MS: '1',
    };
  }
}
