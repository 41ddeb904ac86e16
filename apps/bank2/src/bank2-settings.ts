import { BankSettings } from '@txmsg/bank';
import { Setting, brokerName, matching, wholeNumber } from '@txmsg/service';
import {
  BANK2_CONSUMER_GROUP,
  BANK2_PORT,
  BANK2_PREFIX,
  DEFAULT_PAYEE_ACCOUNT_NO,
  IDENTIFIER_PATTERN,
} from '@txmsg/contracts';
import type { NameOptions } from 'txmsg';

/** What bank2 reads from its environment. */
export class Bank2Settings extends BankSettings {
  readonly serviceName = BANK2_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(BANK2_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'CONSUMER_GROUP',
    rule: brokerName,
    default: BANK2_CONSUMER_GROUP,
    meaning:
      'The group that receives transfers; also names their barrier rows. The same in every instance, and never changed.',
  })
  readonly consumerGroup!: string;

  override get names(): NameOptions {
    return { ...super.names, consumerGroups: { [BANK2_CONSUMER_GROUP]: this.named(this.consumerGroup) } };
  }

  @Setting({
    name: 'DEFAULT_PAYEE_ACCOUNT_NO',
    rule: matching(
      IDENTIFIER_PATTERN,
      'an account number of 1 to 64 characters out of A-Z, a-z, 0-9 and "._:-"',
    ),
    default: DEFAULT_PAYEE_ACCOUNT_NO,
    meaning: 'Who is credited by a message without `toAccountNo`, as the classic senders write them.',
  })
  readonly defaultPayeeAccountNo!: string;
}
