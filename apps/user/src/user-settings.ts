import { httpUrl, PeerSettings, peerProblems, Setting, wholeNumber } from '@txmsg/service';
import { USER_PORT, USER_PREFIX } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata/fault-points';
import type { ServiceFaultPoint } from 'txmsg/faults';
import {
  AcceptXidFrom,
  GlobalTimeoutMs,
  SeataApplicationId,
  SeataServer,
  SeataServiceGroup,
  type SeataSettings,
} from '@txmsg/service/seata-settings';
import { ACCOUNT_REGISTRATION_FAULT_POINTS } from './account-registration/account-registration.fault-points.js';
import { askLadder } from './custody/ask-ladder.rule.js';
import { CUSTODY_REQUEST_FAULT_POINTS } from './custody/custody.fault-points.js';
import { CUSTODY_RECONCILIATION_FAULT_POINTS } from './reconciliation/reconciliation.fault-points.js';
import { REGISTRATION_FAULT_POINTS } from './registration/registration.fault-points.js';
import { CUSTODY_WEBHOOK_FAULT_POINTS } from './webhooks/webhook.fault-points.js';
import { webhookSecrets } from './webhooks/webhook-secrets.rule.js';

/** What user reads from its environment. */
export class UserSettings extends PeerSettings implements Partial<SeataSettings> {
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

  @SeataServer('Without it and `IDENTITY_URL` users get no login accounts, and all else works.')
  readonly seataServer?: string;

  @Setting({
    name: 'IDENTITY_URL',
    rule: httpUrl,
    meaning:
      'Where identity is, which has the login accounts; only with `SEATA_SERVER`. Passwords go there: another machine should be called by https.',
  })
  readonly identityUrl?: string;

  @SeataApplicationId('user')
  readonly seataApplicationId!: string;

  @SeataServiceGroup()
  readonly seataServiceGroup!: string;

  @GlobalTimeoutMs()
  readonly globalTimeoutMs!: number;

  @AcceptXidFrom('nobody')
  readonly acceptXidFrom!: 'anyone' | 'nobody';

  @Setting({
    name: 'REGISTRATION_END_INTERVAL_MS',
    rule: wholeNumber(0, 3_600_000),
    default: '5000',
    meaning:
      'How often registrations that were never ended are looked for, whose global transaction is over, in ms; 0 switches it off.',
  })
  readonly registrationEndIntervalMs!: number;

  /** Accounts follow from what custody and identity answer, so nobody else may answer in their place. */
  override check(): readonly string[] {
    const { custodyUrl, identityUrl } = this;
    return [
      ...super.check(),
      ...(custodyUrl === undefined ? [] : peerProblems(this, 'CUSTODY_URL', custodyUrl)),
      ...(identityUrl === undefined ? [] : peerProblems(this, 'IDENTITY_URL', identityUrl)),
      ...this.accountProblems(),
    ];
  }

  private accountProblems(): string[] {
    if ((this.seataServer === undefined) === (this.identityUrl === undefined)) return [];
    const names = ['SEATA_SERVER', 'IDENTITY_URL'];
    const [given, missing] = this.seataServer === undefined ? names.reverse() : names;
    return [`${given} is set, but ${missing} is not: set both, or neither.`];
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [
      ...REGISTRATION_FAULT_POINTS,
      ...ACCOUNT_REGISTRATION_FAULT_POINTS,
      ...SEATA_FAULT_POINTS,
      ...CUSTODY_REQUEST_FAULT_POINTS,
      ...CUSTODY_WEBHOOK_FAULT_POINTS,
      ...CUSTODY_RECONCILIATION_FAULT_POINTS,
    ];
  }
}

/** Those of a service that makes login accounts. */
export type SettingsWithAccounts = UserSettings & SeataSettings;

export function hasAccounts(settings: UserSettings): settings is SettingsWithAccounts {
  return settings.seataServer !== undefined;
}
