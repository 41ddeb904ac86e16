import { BANKS, type Bank } from '@txmsg/contracts';
import { DemoBank } from './demo-bank.js';
import type { DemoServiceOptions } from './demo-service.js';
import { ServicesWorld } from './services-world.js';
import type { Terminal } from './terminal.js';

/** Everything that runs for the demo of the banks: the servers and both banks. */
export class DemoWorld extends ServicesWorld<Bank, DemoBank> {
  constructor(terminal: Terminal) {
    super(terminal, BANKS, 'the banks');
  }

  get bank1(): DemoBank {
    return this.instance('bank1');
  }

  get bank2(): DemoBank {
    return this.instance('bank2');
  }

  /** Another instance of bank1, on the port of the one that has ended. */
  startAnotherBank1(): DemoBank {
    return this.launch('bank1');
  }

  protected make(bank: Bank, options: DemoServiceOptions): DemoBank {
    return new DemoBank(bank, options);
  }

  protected override ownSettings(): Readonly<Record<string, string>> {
    return {
      // Where reconciliation of bank1 asks; bank2 has no such setting.
      BANK2_URL: `http://127.0.0.1:${this.port('bank2')}`,
      CLASSIC_GET_ENABLED: 'true',
    };
  }
}
