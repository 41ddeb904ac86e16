import { RESULT_TOPIC, TRANSFER_TOPIC, type Bank } from '@txmsg/contracts';
import { BankSide } from './bank-side.js';
import type { BenchWorld } from './bench-world.js';

/** Both banks that carry transfers and results by messages. */
export class OurSide extends BankSide {
  readonly topics: readonly string[];

  /** @param databases - which exist, as those of the stack do */
  constructor(
    world: BenchWorld,
    settings: Readonly<Record<string, string>> = {},
    name = 'ours',
    databases: Readonly<Record<Bank, string>> = { bank1: 'bank1', bank2: 'bank2' },
  ) {
    super(name, world, settings, {
      services: { bank1: 'bank1', bank2: 'bank2' },
      path: 'transfers',
      schema: {
        ...databases,
        debited: 'outgoing_transfer',
        credited: 'incoming_transfer',
        recent: 'de_duplication',
        completed: 'outgoing_transfer',
        open: `SELECT COUNT(*) FROM ${databases.bank1}.outgoing_transfer WHERE state = 'DEBITED'`,
      },
    });
    this.topics = [settings.TRANSFER_TOPIC ?? TRANSFER_TOPIC, settings.RESULT_TOPIC ?? RESULT_TOPIC];
  }
}
