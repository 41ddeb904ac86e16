import type { LoggerService } from '@nestjs/common';

/** Where the adapter reports connections lost and found. Nest's loggers fit. */
export type TransportLogger = Pick<LoggerService, 'log' | 'warn' | 'error' | 'debug'>;

export interface RocketmqOptions {
  /**
   * `host:port` of the RocketMQ proxy's gRPC port, an IPv6 address in brackets. One only: rocketmq-client-nodejs 1.0.8
   * cannot resolve a list such as `a:8081;b:8081`, so several proxies stand behind one DNS name or load balancer.
   */
  readonly endpoints: string;
  /** Speaks TLS to the proxy. @default false */
  readonly sslEnabled?: boolean;
  /** PEM of the certificate authorities to trust instead of the built-in ones; only with `sslEnabled`. */
  readonly tlsRootCertificates?: Buffer;
  /** The broker's ACL account. @default none */
  readonly credentials?: { readonly accessKey: string; readonly accessSecret: string };
  /**
   * Deadline in ms of the calls that nobody outside waits for: route look-ups, heartbeats, answers to check-backs.
   * At least 1000. Too small, and a slow broker looks like a dead one.
   * @default 3000
   */
  readonly requestTimeoutMs?: number;
  /** @default a Nest Logger named RocketmqTransport */
  readonly logger?: TransportLogger;
}
