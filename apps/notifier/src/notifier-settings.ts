import { NOTIFIER_PORT, NOTIFIER_PREFIX } from '@txmsg/contracts';
import { onOrOff, MessagingSettings, Setting, wholeNumber } from '@txmsg/service';
import { DEFAULT_LADDER_SECONDS, KEY_RULE, keyBytes, type WebhooksOptions } from '@txmsg/webhooks';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { WEBHOOK_FAULT_POINTS } from './notifier.fault-points.js';

/** "local-development-only" and ten dots, which everybody can read. */
const DEVELOPMENT_KEY = 'bG9jYWwtZGV2ZWxvcG1lbnQtb25seS4uLi4uLi4uLi4=';

const keys = {
  text: `one key or several with commas between them, each ${KEY_RULE}`,
  read: (text: string): readonly string[] | undefined => {
    const list = text.split(',').map((key) => key.trim());
    return list.every((key) => keyBytes(key) !== undefined) ? list : undefined;
  },
};

const ladder = {
  text: '1 to 20 whole numbers of seconds with commas between them, each from 1 to 604800',
  read: (text: string): readonly number[] | undefined => {
    const pauses = text.split(',').map((pause) => (/^ *\d{1,6} *$/.test(pause) ? Number(pause) : 0));
    const areRight = pauses.length <= 20 && pauses.every((pause) => pause >= 1 && pause <= 604_800);
    return areRight ? pauses : undefined;
  },
};

/** What notifier reads from its environment. */
export class NotifierSettings extends MessagingSettings {
  readonly serviceName = NOTIFIER_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(NOTIFIER_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'WEBHOOK_SECRET_KEYS',
    rule: keys,
    default: DEVELOPMENT_KEY,
    secret: true,
    meaning:
      "What subscribers' secrets are stored under, the newest key first; the same in every instance. The default is public, and refused in production.",
  })
  readonly secretKeys!: readonly string[];

  @Setting({
    name: 'PRIVATE_ADDRESSES_ALLOWED',
    rule: onOrOff,
    default: 'true',
    meaning:
      'Whether a subscriber may be given `allowPrivateAddresses`; off, nobody is called at an address that is not public.',
  })
  readonly privateAddressesAllowed!: boolean;

  @Setting({
    name: 'HTTP_URLS_ALLOWED',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Takes URLs with `http:` also of subscribers without `allowPrivateAddresses`, and calls them. Off, who has one is not called.',
  })
  readonly httpUrlsAllowed!: boolean;

  @Setting({
    name: 'LADDER_SECONDS',
    rule: ladder,
    default: DEFAULT_LADDER_SECONDS.join(','),
    meaning:
      'The pauses between the calls for one notification, for subscribers without a ladder of their own.',
  })
  readonly ladderSeconds!: readonly number[];

  @Setting({
    name: 'JITTER_PERCENT',
    rule: wholeNumber(0, 50),
    default: '10',
    meaning:
      'By which part each pause may be longer or shorter, for subscribers without a jitter of their own.',
  })
  readonly jitterPercent!: number;

  @Setting({
    name: 'CALLS_AT_ONCE',
    rule: wholeNumber(1, 2000),
    default: '256',
    meaning: 'How many subscribers may be called at a time.',
  })
  readonly callsAtOnce!: number;

  @Setting({
    name: 'CALLS_AT_ONCE_PER_SUBSCRIBER',
    rule: wholeNumber(1, 100),
    default: '4',
    meaning: 'How many of these calls may be to one subscriber; one that failed last has one.',
  })
  readonly callsAtOncePerSubscriber!: number;

  @Setting({
    name: 'CALL_CONNECT_TIMEOUT_MS',
    rule: wholeNumber(100, 60_000),
    default: '5000',
    meaning: 'How long connecting to a subscriber may take, lookup and TLS included, in ms.',
  })
  readonly callConnectTimeoutMs!: number;

  @Setting({
    name: 'CALL_TIMEOUT_MS',
    rule: wholeNumber(100, 120_000),
    default: '15000',
    meaning: 'How long a call may take to the end of its answer, in ms.',
  })
  readonly callTimeoutMs!: number;

  @Setting({
    name: 'RETRY_AFTER_MAX_SECONDS',
    rule: wholeNumber(0, 604_800),
    default: '3600',
    meaning: 'How long the `Retry-After` of a subscriber may make a notification wait.',
  })
  readonly retryAfterMaxSeconds!: number;

  @Setting({
    name: 'BREAKER_FAILURES',
    rule: wholeNumber(1, 1000),
    default: '5',
    meaning: 'After so many calls in a row without a sound answer a subscriber is left alone for a while.',
  })
  readonly breakerFailures!: number;

  @Setting({
    name: 'BREAKER_PAUSE_MS',
    rule: wholeNumber(1, 3_600_000),
    default: '30000',
    meaning: 'For how long, in ms; never longer than the first pause of its ladder.',
  })
  readonly breakerPauseMs!: number;

  @Setting({
    name: 'NOTIFICATION_RETENTION_MS',
    rule: wholeNumber(3_600_000, 315_619_200_000),
    default: '2592000000',
    meaning: 'How long notifications that have ended are kept, with their calls, in ms.',
  })
  readonly notificationRetentionMs!: number;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return WEBHOOK_FAULT_POINTS;
  }

  get webhooks(): WebhooksOptions {
    return {
      encryptionKeys: this.secretKeys,
      ladderSeconds: this.ladderSeconds,
      jitter: this.jitterPercent / 100,
      concurrency: this.callsAtOnce,
      concurrencyPerSubscriber: this.callsAtOncePerSubscriber,
      connectTimeoutMs: this.callConnectTimeoutMs,
      callTimeoutMs: this.callTimeoutMs,
      retryAfterMaxSeconds: this.retryAfterMaxSeconds,
      allowHttp: this.httpUrlsAllowed,
      privateAddressesAllowed: this.privateAddressesAllowed,
      breakerFailures: this.breakerFailures,
      breakerPauseMs: this.breakerPauseMs,
      retentionMs: this.notificationRetentionMs,
      retentionIntervalMs: this.retentionIntervalMs,
      userAgent: 'txmsg-notifier',
    };
  }

  override check(): readonly string[] {
    const isOpen = process.env.NODE_ENV === 'production' && this.hasDevelopmentKey;
    return [
      ...super.check(),
      ...(isOpen
        ? [
            'WEBHOOK_SECRET_KEYS has the key of development, which is public, and NODE_ENV is production: set one of your own (openssl rand -base64 32).',
          ]
        : []),
    ];
  }

  get hasDevelopmentKey(): boolean {
    return this.secretKeys.includes(DEVELOPMENT_KEY);
  }
}

/** For an operator whose service stores secrets under a key that everybody knows. */
export function developmentKeyWarnings(settings: NotifierSettings): readonly string[] {
  const { NODE_ENV } = process.env;
  if (!settings.hasDevelopmentKey || NODE_ENV === 'development' || NODE_ENV === 'test') return [];
  return [
    'WEBHOOK_SECRET_KEYS is the key of development, which is public: who reads the database can sign webhooks. Set one of your own (openssl rand -base64 32).',
  ];
}
