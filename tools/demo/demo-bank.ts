import type { Bank } from '@txmsg/contracts';
import { BankClient } from './bank-client.js';
import { DemoService, type DemoServiceOptions } from './demo-service.js';

/** One instance of a bank, with its HTTP calls at hand. */
export class DemoBank extends DemoService<Bank> {
  readonly client: BankClient;

  constructor(bank: Bank, options: DemoServiceOptions) {
    super(bank, options);
    this.client = new BankClient(bank, options.port);
  }
}
