import { REGISTRATION, type RegistrationService } from '@txmsg/contracts';
import { DemoService, type DemoServiceOptions } from '../demo-service.js';
import { ServicesWorld } from '../services-world.js';
import type { Terminal } from '../terminal.js';

/** After so long the coordinator rolls back what was not ended; soon enough for a scene that lets it pass. */
const GLOBAL_TIMEOUT_MS = 8000;

/** Everything that runs for the scene: the servers with Seata's coordinator, user and identity. */
export class RegistrationWorld extends ServicesWorld<RegistrationService, DemoService<RegistrationService>> {
  constructor(terminal: Terminal) {
    super(terminal, REGISTRATION, 'user and identity', true);
  }

  get user(): DemoService {
    return this.instance('user');
  }

  get identity(): DemoService {
    return this.instance('identity');
  }

  /** Another instance on the port of the one that has ended, ready. @returns when it was */
  async startAnother(name: RegistrationService): Promise<number> {
    await this.launch(name).waitUntilReady();
    return Date.now();
  }

  protected make(name: RegistrationService, options: DemoServiceOptions): DemoService<RegistrationService> {
    return new DemoService(name, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    return {
      SEATA_SERVER: this.stack.SEATA_SERVER ?? '',
      GLOBAL_TIMEOUT_MS: String(GLOBAL_TIMEOUT_MS),
      // Identity has neither of these two settings.
      IDENTITY_URL: `http://127.0.0.1:${this.port('identity')}`,
      REGISTRATION_END_INTERVAL_MS: '500',
    };
  }
}
