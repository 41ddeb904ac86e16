import { RESULT_TOPIC, TRANSFER_TOPIC } from '@txmsg/contracts';
import { brokerName, MessagingSettings, Setting, sharedSecret } from '@txmsg/service';
import type { NameOptions } from 'txmsg';

/** What both banks read from their environment, beside what every service does. */
export abstract class BankSettings extends MessagingSettings {
  override readonly kind = 'bank';

  @Setting({
    name: 'BANK_SHARED_SECRET',
    rule: sharedSecret,
    secret: true,
    meaning:
      "A secret that both banks share: bank2 signs its answers with it, and bank1's reconciliation acts on no others.",
  })
  readonly bankSharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.bankSharedSecret;
  }

  @Setting({
    name: 'TRANSFER_TOPIC',
    rule: brokerName,
    default: TRANSFER_TOPIC,
    meaning: 'The topic that transfers travel on; its message type at the broker is TRANSACTION.',
  })
  readonly transferTopic!: string;

  @Setting({
    name: 'RESULT_TOPIC',
    rule: brokerName,
    default: RESULT_TOPIC,
    meaning: 'The topic that results of transfers travel back on; its message type at the broker is NORMAL.',
  })
  readonly resultTopic!: string;

  /** A bank adds its groups. */
  override get names(): NameOptions {
    return {
      topics: {
        [TRANSFER_TOPIC]: this.named(this.transferTopic),
        [RESULT_TOPIC]: this.named(this.resultTopic),
      },
    };
  }
}
