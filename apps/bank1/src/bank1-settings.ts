import { BankSettings } from '@txmsg/bank';
import {
  ClassicGetAnyHost,
  ClassicGetEnabled,
  Setting,
  brokerName,
  httpUrl,
  onOrOff,
  secretWord,
  sharedSecret,
  unprovenPeerProblems,
  wholeNumber,
  wholeNumbers,
} from '@txmsg/service';
import {
  BANK1_PORT,
  BANK1_PREFIX,
  BANK1_PRODUCER_GROUP,
  BANK1_RESULT_CONSUMER_GROUP,
  BANK1_TOP_UP_CONSUMER_GROUP,
  BANK2_PORT,
  NOTIFY_TOPIC,
} from '@txmsg/contracts';
import type { NameOptions } from 'txmsg';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { RECONCILIATION_FAULT_POINTS } from './reconciliation/reconciliation.fault-points.js';
import { TOP_UP_FAULT_POINTS } from './top-ups/top-up.fault-points.js';

/** The longest pause before reconciliation looks at the same transfer again. */
export const RECONCILE_PAUSE_MAX_MS = 3_600_000;

/** What bank1 reads from its environment. */
export class Bank1Settings extends BankSettings {
  readonly serviceName = BANK1_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(BANK1_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'PRODUCER_GROUP',
    rule: brokerName,
    default: BANK1_PRODUCER_GROUP,
    meaning: 'Names the barrier rows of outgoing transfers; the same in every instance, and never changed.',
  })
  readonly producerGroup!: string;

  @Setting({
    name: 'RESULT_CONSUMER_GROUP',
    rule: brokerName,
    default: BANK1_RESULT_CONSUMER_GROUP,
    meaning:
      'The group that receives results; also names their barrier rows. The same in every instance, and never changed.',
  })
  readonly resultConsumerGroup!: string;

  @Setting({
    name: 'NOTIFY_TOPIC',
    rule: brokerName,
    default: NOTIFY_TOPIC,
    meaning: "The topic on which pay tells of its payments' ends; its message type at the broker is NORMAL.",
  })
  readonly notifyTopic!: string;

  @Setting({
    name: 'TOP_UP_CONSUMER_GROUP',
    rule: brokerName,
    default: BANK1_TOP_UP_CONSUMER_GROUP,
    meaning:
      'The group that receives these; also names their barrier rows. The same in every instance, and never changed.',
  })
  readonly topUpConsumerGroup!: string;

  override get names(): NameOptions {
    const { topics, ...shared } = super.names;
    return {
      ...shared,
      topics: { ...topics, [NOTIFY_TOPIC]: this.named(this.notifyTopic) },
      producerGroups: { [BANK1_PRODUCER_GROUP]: this.named(this.producerGroup) },
      consumerGroups: {
        [BANK1_RESULT_CONSUMER_GROUP]: this.named(this.resultConsumerGroup),
        [BANK1_TOP_UP_CONSUMER_GROUP]: this.named(this.topUpConsumerGroup),
      },
    };
  }

  @Setting({
    name: 'BANK2_URL',
    rule: httpUrl,
    default: `http://127.0.0.1:${BANK2_PORT}`,
    meaning: 'Where reconciliation asks bank2 what it did with a transfer.',
  })
  readonly bank2Url!: string;

  @Setting({
    name: 'BANK2_ADMIN_TOKEN',
    rule: secretWord,
    secret: true,
    meaning:
      "bank2's `ADMIN_TOKEN`, for the audit, if it is another one than this bank's; it is never sent, only proven.",
  })
  readonly bank2AdminToken?: string;

  @Setting({
    name: 'ACCEPT_UNSIGNED_ANSWERS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Act on answers of bank2 and pay although nothing proves that they are their own: neither `BANK_SHARED_SECRET` or `PEER_SHARED_SECRET`, nor TLS, nor an address of this machine in `BANK2_URL` or `PAY_URL`.',
  })
  readonly acceptUnsignedAnswers!: boolean;

  @Setting({
    name: 'FOREIGN_SENDERS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Whether others than bank1 send transfers to bank2: the audit then lists their credits apart; else every credit without a debit is a disagreement.',
  })
  readonly foreignSenders!: boolean;

  @Setting({
    name: 'AUDIT_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '0',
    meaning:
      'How often both banks are audited, in ms; 0 switches it off. It reads every transfer of both, through `ADMIN_TOKEN` or `BANK2_ADMIN_TOKEN` at bank2.',
  })
  readonly auditIntervalMs!: number;

  @Setting({
    name: 'RECONCILE_AFTER_MS',
    rule: wholeNumber(100, 86_400_000),
    default: '60000',
    meaning: 'A transfer that is under way for longer is looked up at bank2, in ms.',
  })
  readonly reconcileAfterMs!: number;

  @Setting({
    name: 'RECONCILE_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '5000',
    meaning:
      'How often transfers that are under way for too long, and top-ups to ask about, are looked for, in ms; 0 switches it off.',
  })
  readonly reconcileIntervalMs!: number;

  @Setting({
    name: 'PAY_URL',
    rule: httpUrl,
    meaning: 'Where pay is asked what became of a payment; without it nobody asks, and only messages tell.',
  })
  readonly payUrl?: string;

  @Setting({
    name: 'PEER_SHARED_SECRET',
    rule: sharedSecret,
    secret: true,
    meaning:
      "The same as pay's: it signs its answers with it, and this bank credits by no others. Not the secret that it shares with bank2.",
  })
  readonly peerSharedSecret?: string;

  @Setting({
    name: 'TOP_UP_LADDER_MS',
    rule: wholeNumbers(100, 604_800_000),
    default: '60000,300000,600000,1800000,3600000,7200000,18000000,36000000',
    meaning:
      'After how long pay is asked about a top-up that was registered and for which no result has been received, and asked again, in ms each; after the last answer that decides nothing it is GIVEN_UP.',
  })
  readonly topUpLadderMs!: readonly number[];

  override check(): readonly string[] {
    const bank2 = { setting: 'BANK2_URL', url: this.bank2Url, secretName: 'BANK_SHARED_SECRET' };
    const pay = { setting: 'PAY_URL', url: this.payUrl, secretName: 'PEER_SHARED_SECRET' };
    const isProven = (secret: string | undefined): boolean =>
      secret !== undefined || this.acceptUnsignedAnswers;
    return [
      ...super.check(),
      ...unprovenPeerProblems({ ...bank2, isProven: isProven(this.bankSharedSecret) }),
      ...(pay.url === undefined
        ? []
        : unprovenPeerProblems({ ...pay, url: pay.url, isProven: isProven(this.peerSharedSecret) })),
    ];
  }

  override get reconciliationHorizon(): { readonly ms: number; readonly is: string } {
    return {
      ms: this.reconcileAfterMs + this.reconcileIntervalMs + RECONCILE_PAUSE_MAX_MS,
      is: `RECONCILE_AFTER_MS (${this.reconcileAfterMs}), RECONCILE_INTERVAL_MS (${this.reconcileIntervalMs}) and the longest pause (${RECONCILE_PAUSE_MAX_MS}) together`,
    };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...RECONCILIATION_FAULT_POINTS, ...TOP_UP_FAULT_POINTS];
  }

  @ClassicGetEnabled('`GET /bank1/transfer` and `GET /bank1/payresult/:txNo`')
  readonly classicGetEnabled!: boolean;

  @ClassicGetAnyHost()
  readonly classicGetAnyHost!: boolean;

  override get classicGet(): { readonly isEnabled: boolean; readonly byAnyHost: boolean } {
    return { isEnabled: this.classicGetEnabled, byAnyHost: this.classicGetAnyHost };
  }
}
