import type { LoggerService } from '@nestjs/common';

/** Where the adapter reports connections lost and found. Nest's loggers fit. */
export type TransportLogger = Pick<LoggerService, 'log' | 'warn' | 'error' | 'debug'>;

/** What both transports need to know. */
export interface RocketmqConnectionOptions {
  /** Speaks TLS, to a certificate that is for the host that is connected to. @default false */
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

/** Through RocketMQ's proxy, with the official client. */
export interface RocketmqGrpcOptions extends RocketmqConnectionOptions {
  readonly transport?: 'grpc';
  /**
   * `host:port` of the RocketMQ proxy's gRPC port, an IPv6 address in brackets. One only: rocketmq-client-nodejs 1.0.8
   * cannot resolve a list such as `a:8081;b:8081`, so several proxies stand behind one DNS name or load balancer.
   */
  readonly endpoints: string;
}

/** Straight to name servers and brokers (5.0 or newer), by RocketMQ's own protocol. Needs no proxy, and less CPU. */
export interface RocketmqRemotingOptions extends RocketmqConnectionOptions {
  readonly transport: 'remoting';
  /**
   * `host:port` of each name server, an IPv6 address in brackets. The brokers' addresses, which they tell the name servers (`brokerIP1`), must be
   * reachable from here.
   */
  readonly nameServers: readonly string[];
  /**
   * Speaks TLS to the name servers too. They tell addresses only, and with `sslEnabled` brokers must prove theirs.
   * @default false
   */
  readonly nameServerSslEnabled?: boolean;
  /**
   * Another producer group whose half messages this service answers for: one that a predecessor sent in. The service's
   * own are always sent in the group that has the topic's name, where instances of the other transport find them.
   * @default none
   */
  readonly producerGroup?: string;
}

/** How the broker is reached; without `transport` through the proxy. */
export type RocketmqOptions = RocketmqGrpcOptions | RocketmqRemotingOptions;
