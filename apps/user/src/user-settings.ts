import { httpUrl, PeerSettings, Setting, wholeNumber } from '@txmsg/service';
import { USER_PORT, USER_PREFIX } from '@txmsg/contracts';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { askLadder } from './custody/ask-ladder.rule.js';
import { CUSTODY_REQUEST_FAULT_POINTS } from './custody/custody.fault-points.js';
import { CUSTODY_RECONCILIATION_FAULT_POINTS } from './reconciliation/reconciliation.fault-points.js';
import { REGISTRATION_FAULT_POINTS } from './registration/registration.fault-points.js';
import { CUSTODY_WEBHOOK_FAULT_POINTS } from './webhooks/webhook.fault-points.js';
import { webhookSecrets } from './webhooks/webhook-secrets.rule.js';

/** What user reads from its environment. */
export class UserSettings extends PeerSettings {
  readonly serviceName = USER_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(USER_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'REGISTER_TIMEOUT_MS',
    rule: wholeNumber(100, 14_000),
    default: '3000',
    meaning: 'How long the transaction of a registration may take before it is rolled back, in ms.',
  })
  readonly registerTimeoutMs!: number;

  @Setting({
    name: 'CUSTODY_URL',
    rule: httpUrl,
    meaning: 'Where accounts are opened at the custody bank; without it users get none, and all else works.',
  })
  readonly custodyUrl?: string;

  @Setting({
    name: 'CUSTODY_WEBHOOK_SECRETS',
    rule: webhookSecrets,
    secret: true,
    meaning:
      "The secret by which webhooks about custody's results are known; without it they are refused, and custody is asked.",
  })
  readonly custodyWebhookSecrets?: readonly string[];

  @Setting({
    name: 'CUSTODY_ASK_LADDER_MS',
    rule: askLadder,
    default: '60000,300000,600000,1800000,3600000,7200000,18000000,36000000',
    meaning:
      'The pauses before custody is asked about a request of which nothing was heard, in ms, one after another; the last one repeats.',
  })
  readonly custodyAskLadderMs!: readonly number[];

  @Setting({
    name: 'RECONCILE_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '5000',
    meaning: 'How often requests of which it is time to hear are looked for, in ms; 0 switches it off.',
  })
  readonly reconcileIntervalMs!: number;

  /** Accounts follow from what custody answers, so nobody else may answer in its place. */
  override check(): readonly string[] {
    const { custodyUrl } = this;
    const problems = custodyUrl === undefined ? [] : this.peerProblems('CUSTODY_URL', custodyUrl);
    return [...super.check(), ...problems];
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [
      ...REGISTRATION_FAULT_POINTS,
      ...CUSTODY_REQUEST_FAULT_POINTS,
      ...CUSTODY_WEBHOOK_FAULT_POINTS,
      ...CUSTODY_RECONCILIATION_FAULT_POINTS,
    ];
  }
}
