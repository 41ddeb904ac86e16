import { SERVICES, type Service } from '@txmsg/contracts';
import type { NameOptions } from 'txmsg';
import { retentionProblems } from 'txmsg/building-blocks';
import { certificatesFile } from './certificates-file.rule.js';
import { ServiceSettings } from './service-settings.js';
import {
  accessKeyRule,
  hostAndPort,
  hostsAndPorts,
  matching,
  oneOf,
  onOrOff,
  secretWord,
  wholeNumber,
} from './setting-rules.js';
import { Setting } from './setting.decorator.js';

/** What every service reads that sends or receives messages, beside what every service does. */
export abstract class MessagingSettings extends ServiceSettings {
  @Setting({
    name: 'ROCKETMQ_TRANSPORT',
    rule: oneOf(['grpc', 'remoting']),
    default: 'grpc',
    meaning:
      'How the service speaks to RocketMQ: through the proxy, or by its own protocol to name servers and brokers (5.0 or newer).',
  })
  readonly rocketmqTransport!: 'grpc' | 'remoting';

  @Setting({
    name: 'ROCKETMQ_ENDPOINTS',
    rule: hostAndPort,
    required: { property: 'rocketmqTransport', is: 'grpc' },
    meaning: 'The gRPC address of the RocketMQ proxy; required with the transport `grpc`.',
  })
  readonly rocketmqEndpoints?: string;

  @Setting({
    name: 'ROCKETMQ_NAMESRV',
    rule: hostsAndPorts,
    required: { property: 'rocketmqTransport', is: 'remoting' },
    meaning:
      'The name servers; required with the transport `remoting`. With `METRICS_ENABLED` also asked for the check-backs that the broker has given up.',
  })
  readonly rocketmqNameServers?: readonly string[];

  @Setting({
    name: 'ROCKETMQ_ACCESS_KEY',
    rule: accessKeyRule,
    meaning: "The service's user at RocketMQ, where access control is on; with `ROCKETMQ_ACCESS_SECRET`.",
  })
  readonly rocketmqAccessKey?: string;

  @Setting({
    name: 'ROCKETMQ_ACCESS_SECRET',
    rule: secretWord,
    secret: true,
    meaning: "That user's password.",
  })
  readonly rocketmqAccessSecret?: string;

  @Setting({
    name: 'ROCKETMQ_TLS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Speaks TLS to the RocketMQ proxy, or to the brokers; the certificate must be for the host that is connected to.',
  })
  readonly rocketmqTls!: boolean;

  @Setting({
    name: 'ROCKETMQ_TLS_CA_FILE',
    rule: certificatesFile,
    meaning: 'The authorities to trust instead of the well-known ones; only with `ROCKETMQ_TLS`.',
  })
  readonly rocketmqTlsCa?: Buffer;

  @Setting({
    name: 'NAME_SUFFIX',
    rule: matching(/^[A-Za-z0-9_-]{1,64}$/, 'up to 64 characters out of A-Z, a-z, 0-9, "_" and "-"'),
    meaning:
      'Ends the name of every topic and group, so that several environments can use one RocketMQ; the same at all services of an environment, and never changed.',
  })
  readonly nameSuffix?: string;

  @Setting({
    name: 'SEND_TIMEOUT_MS',
    rule: wholeNumber(500, 14_000),
    default: '3000',
    meaning:
      'How long sending a transactional message may take with half message and local transaction, in ms.',
  })
  readonly sendTimeoutMs!: number;

  @Setting({
    name: 'HANDLER_TIMEOUT_MS',
    rule: wholeNumber(100, 14_000),
    default: '10000',
    meaning: 'How long handling one message may take before it is rolled back and retried, in ms.',
  })
  readonly handlerTimeoutMs!: number;

  @Setting({
    name: 'HANDLER_ATTEMPTS_MAX',
    rule: wholeNumber(1, 1_000_000),
    default: '16',
    meaning: 'How often handling one message may fail before it becomes a dead letter; outages do not count.',
  })
  readonly handlerAttemptsMax!: number;

  @Setting({
    name: 'MESSAGE_BYTES_MAX',
    rule: wholeNumber(1024, 3_145_728),
    default: '65536',
    meaning:
      'The largest message that is sent or read, in bytes; larger ones become dead letters. The same in all services.',
  })
  readonly messageBytesMax!: number;

  @Setting({
    name: 'BARRIER_RETENTION_MS',
    rule: wholeNumber(3_600_000, 31_622_400_000),
    default: '604800000',
    meaning:
      'How long barrier rows are kept, in ms: older messages are not acted on. The same in every instance; not below `CHECK_HORIZON_MS` and the times of reconciliation together.',
  })
  readonly barrierRetentionMs!: number;

  @Setting({
    name: 'OUTBOX_RETENTION_MS',
    rule: wholeNumber(3_600_000, 31_622_400_000),
    default: '604800000',
    meaning:
      'How long published messages are kept for publishing them again, in ms; not above `BARRIER_RETENTION_MS`.',
  })
  readonly outboxRetentionMs!: number;

  @Setting({
    name: 'CHECK_HORIZON_MS',
    rule: wholeNumber(0, 31_622_400_000),
    default: '259200000',
    meaning:
      'How long the broker keeps messages (`fileReservedTime`), and so may deliver them or ask about them, in ms.',
  })
  readonly checkHorizonMs!: number;

  @Setting({
    name: 'RETENTION_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '60000',
    meaning:
      'How often rows that are older than their retention are looked for and deleted, in ms; 0 switches it off.',
  })
  readonly retentionIntervalMs!: number;

  protected named(name: string): string {
    return `${name}${this.nameSuffix ?? ''}`;
  }

  /** The topics that the service's outbox publishes to, as the code names them: as the list of services says. */
  get outboxTopics(): readonly string[] {
    const published = this.listed?.publishes ?? [];
    return published.flatMap(({ topic, type }) => (type === 'NORMAL' ? [topic] : []));
  }

  /** What the environment calls the topics and groups that the code names: as in the list of services, with the suffix. */
  get names(): NameOptions {
    if (this.listed === undefined) return {};
    const { publishes, producerGroups, consumes } = this.listed;
    const renamed = (names: readonly string[]): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, this.named(name)]));
    return {
      topics: renamed([...publishes, ...consumes].map(({ topic }) => topic)),
      producerGroups: renamed(producerGroups),
      consumerGroups: renamed(consumes.map(({ group }) => group)),
    };
  }

  private get listed(): Service | undefined {
    return SERVICES.find(({ name }) => name === this.serviceName);
  }

  /** How long after a transaction the service's own reconciliation may still act on it, in ms, and what that is made of. */
  get reconciliationHorizon(): { readonly ms: number; readonly is: string } {
    return { ms: 0, is: 'no reconciliation' };
  }

  override check(): readonly string[] {
    return [...super.check(), ...this.connectionProblems(), ...this.retentionProblems()];
  }

  private connectionProblems(): string[] {
    const problems: string[] = [];
    if ((this.rocketmqAccessKey === undefined) !== (this.rocketmqAccessSecret === undefined)) {
      const names = ['ROCKETMQ_ACCESS_KEY', 'ROCKETMQ_ACCESS_SECRET'];
      const [given, missing] = this.rocketmqAccessKey === undefined ? names.reverse() : names;
      problems.push(`${given} is set, but ${missing} is not: set both, or neither.`);
    }
    if (this.rocketmqTlsCa !== undefined && !this.rocketmqTls) {
      problems.push(
        'ROCKETMQ_TLS_CA_FILE is set, but ROCKETMQ_TLS is not true: without TLS nothing uses it.',
      );
    }
    return problems;
  }

  private retentionProblems(): string[] {
    const { barrierRetentionMs, outboxRetentionMs, checkHorizonMs } = this;
    const { ms: reconciliationHorizonMs, is } = this.reconciliationHorizon;
    return retentionProblems(
      { barrierRetentionMs, outboxRetentionMs, checkHorizonMs, reconciliationHorizonMs },
      {
        barrierRetentionMs: 'BARRIER_RETENTION_MS',
        outboxRetentionMs: 'OUTBOX_RETENTION_MS',
        checkHorizonMs: 'CHECK_HORIZON_MS',
        reconciliationHorizonMs: is,
      },
    ).map((problem) => `${problem}.`);
  }
}
