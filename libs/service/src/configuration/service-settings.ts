import type { FaultRule, ServiceFaultPoint } from 'txmsg/faults';
import { LOG_LEVELS, type LogLevelName } from '../logging/log-level.js';
import { isLoopback, listeningName } from './host-name.js';
import {
  hostNames,
  jsonList,
  matching,
  mysqlUrl,
  oneOf,
  onOrOff,
  secretWord,
  sharedSecret,
  wholeNumber,
} from './setting-rules.js';
import { Setting } from './setting.decorator.js';

/** What every service reads from its environment; each extends it by what is its own. */
export abstract class ServiceSettings {
  /** The first segment of every path, and the name in messages to the operator. */
  abstract readonly serviceName: string;

  /** What the service calls itself in its answers ("this …"), and how the names of its metrics begin. */
  readonly kind: string = 'service';

  abstract readonly port: number;

  @Setting({
    name: 'HOST',
    rule: matching(/^[A-Za-z0-9.:_-]{1,255}$/, 'a host name or an IP address'),
    default: '127.0.0.1',
    meaning: 'The address that HTTP listens on; `0.0.0.0` for every interface.',
  })
  readonly host!: string;

  @Setting({
    name: 'MYSQL_URL',
    rule: mysqlUrl,
    required: true,
    secret: true,
    meaning: "The service's own database.",
  })
  readonly mysqlUrl!: string;

  @Setting({
    name: 'ADMIN_TOKEN',
    rule: secretWord,
    secret: true,
    meaning: 'What a caller of the admin routes must present; without it those routes are off.',
  })
  readonly adminToken?: string;

  @Setting({
    name: 'METRICS_ENABLED',
    rule: onOrOff,
    default: 'false',
    meaning: "Counts, and serves the service's metrics at `/metrics` below its prefix.",
  })
  readonly metricsEnabled!: boolean;

  @Setting({
    name: 'METRICS_TOKEN',
    rule: sharedSecret,
    secret: true,
    meaning:
      'What a scrape must present as its bearer token; without it, whoever reaches the port may scrape.',
  })
  readonly metricsToken?: string;

  @Setting({
    name: 'METRICS_PORT_IS_PRIVATE',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Serve metrics without `METRICS_TOKEN` although `HOST` is no loopback address: only those who may know them reach the port.',
  })
  readonly metricsPortIsPrivate!: boolean;

  @Setting({
    name: 'LOG_LEVEL',
    rule: oneOf(LOG_LEVELS),
    default: 'log',
    meaning: 'The minimum log level.',
  })
  readonly logLevel!: LogLevelName;

  /** Whether GETs that change something are served; a service that has such calls has settings for it (`ClassicGet`). */
  get classicGet(): { readonly isEnabled: boolean; readonly byAnyHost: boolean } {
    return { isEnabled: false, byAnyHost: false };
  }

  /** Signs the answers that a caller asks for with a nonce; undefined: none is signed. */
  get answerSecret(): string | undefined {
    return undefined;
  }

  @Setting({
    name: 'MYSQL_CONNECTION_LIMIT',
    rule: wholeNumber(2, 500),
    default: '10',
    meaning: 'The maximum number of connections for ordinary work (check-backs have a few of their own).',
  })
  readonly mysqlConnectionLimit!: number;

  @Setting({
    name: 'MYSQL_CONNECT_TIMEOUT_MS',
    rule: wholeNumber(100, 60_000),
    default: '2000',
    meaning: 'How long a new connection may take until it can be used, in ms.',
  })
  readonly mysqlConnectTimeoutMs!: number;

  @Setting({
    name: 'DATABASE_START_TIMEOUT_MS',
    rule: wholeNumber(0, 600_000),
    default: '30000',
    meaning: 'How long a starting service waits for its database, in ms.',
  })
  readonly databaseStartTimeoutMs!: number;

  @Setting({
    name: 'DATABASE_READ_TIMEOUT_MS',
    rule: wholeNumber(100, 60_000),
    default: '3000',
    meaning: 'How long a call that only reads waits for the database before it answers 503, in ms.',
  })
  readonly databaseReadTimeoutMs!: number;

  @Setting({
    name: 'ACCEPT_UNSAFE_FLUSH',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Start although MySQL may lose what it committed (`innodb_flush_log_at_trx_commit` or `sync_binlog` other than 1).',
  })
  readonly acceptUnsafeFlush!: boolean;

  @Setting({
    name: 'HEALTH_TIMEOUT_MS',
    rule: wholeNumber(50, 30_000),
    default: '1000',
    meaning: 'How long the readiness check waits for MySQL, in ms.',
  })
  readonly healthTimeoutMs!: number;

  @Setting({
    name: 'HTTP_ALLOWED_HOSTS',
    rule: hostNames,
    meaning:
      'The host names by which the service may be called (`Host` header), besides `localhost`, loopback addresses and `HOST`; other names are answered 403.',
  })
  readonly httpAllowedHosts: readonly string[] = [];

  @Setting({
    name: 'HTTP_BODY_LIMIT_BYTES',
    rule: wholeNumber(256, 1_048_576),
    default: '16384',
    meaning: 'The largest request body, in bytes; a larger one is answered 413.',
  })
  readonly httpBodyLimitBytes!: number;

  @Setting({
    name: 'HTTP_RATE_LIMIT_PER_MINUTE',
    rule: wholeNumber(0, 1_000_000),
    default: '0',
    meaning:
      'How many requests one client address may make in a minute, health checks and metrics apart; more are answered 429. 0: any number.',
  })
  readonly httpRateLimitPerMinute!: number;

  @Setting({
    name: 'HTTP_REQUEST_TIMEOUT_MS',
    rule: wholeNumber(100, 600_000),
    default: '10000',
    meaning: 'How long a client may take to send its request, in ms.',
  })
  readonly httpRequestTimeoutMs!: number;

  @Setting({
    name: 'SHUTDOWN_TIMEOUT_MS',
    rule: wholeNumber(100, 600_000),
    default: '9000',
    meaning:
      'How long a service may take to shut down after SIGTERM, in ms; then the process ends with exit code 1.',
  })
  readonly shutdownTimeoutMs!: number;

  @Setting({
    name: 'FAULTS',
    rule: jsonList<FaultRule>(),
    meaning:
      'Switches fault injection on (tests): `[{"point":"…","action":"…"}]`, or `[]`; refused in production.',
  })
  readonly faults?: readonly FaultRule[];

  /** The steps of the service's own, of its `*.fault-points.ts`, which FAULTS may name beside the library's. */
  get faultPoints(): readonly ServiceFaultPoint[] {
    return [];
  }

  /** One sentence for every rule that combinations of settings break. */
  check(): readonly string[] {
    return this.metricsProblems();
  }

  /** Metrics tell strangers how much is going on and what is broken. */
  private metricsProblems(): string[] {
    const isGuarded =
      this.metricsToken !== undefined ||
      this.metricsPortIsPrivate ||
      isLoopback(listeningName(this.host) ?? '');
    if (!this.metricsEnabled || isGuarded) return [];
    return [
      `METRICS_ENABLED is true, and HOST is ${this.host}, where others could read the metrics: ` +
        'set METRICS_TOKEN, or set METRICS_PORT_IS_PRIVATE=true if only your own monitoring reaches that port.',
    ];
  }
}
