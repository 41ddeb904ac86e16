import type { LoggerService } from '@nestjs/common';

/** Where lost connections, new ones and refusals are reported. Nest's loggers fit. */
export type TransportLogger = Pick<LoggerService, 'log' | 'warn' | 'error' | 'debug'>;

/**
 * What both transports need to know.
 *
 * A value that breaks its rule keeps the service from starting (`TxMsgConfigurationError`). What only RocketMQ can
 * judge (whether something listens at an address, the certificate, the account) does not: the service starts, tries
 * again indefinitely, and readiness and the log say why it is not connected.
 */
export interface RocketmqConnectionOptions {
  /**
   * Speaks TLS. The certificate must be for the host that is connected to.
   * @default false
   */
  readonly sslEnabled?: boolean;
  /**
   * PEM of the certificate authorities to trust instead of the built-in ones; refused without `sslEnabled`.
   * @default the certificate authorities that Node trusts
   */
  readonly tlsRootCertificates?: Buffer;
  /**
   * The broker's ACL account; both parts, neither empty.
   * @default none: calls are not signed, which a broker with ACL refuses
   */
  readonly credentials?: { readonly accessKey: string; readonly accessSecret: string };
  /**
   * Deadline in ms of the calls that no caller waits for: route look-ups, heartbeats, answers to check-backs. A
   * whole number from 1000 to 60000. Too small, and a slow broker counts as one that does not answer.
   * @default 3000
   */
  readonly requestTimeoutMs?: number;
  /** @default a Nest Logger named RocketmqTransport */
  readonly logger?: TransportLogger;
}

/** Through RocketMQ's proxy, with the official client. */
export interface RocketmqGrpcOptions extends RocketmqConnectionOptions {
  /** @default 'grpc' */
  readonly transport?: 'grpc';
  /**
   * `host:port` of the RocketMQ proxy's gRPC port, an IPv6 address in brackets. Exactly one, since
   * rocketmq-client-nodejs 1.0.8 cannot resolve a list such as `a:8081;b:8081`: put several proxies behind one DNS name
   * or load balancer. Required.
   */
  readonly endpoints: string;
}

/** Straight to name servers and brokers (5.0 or newer), by RocketMQ's own protocol. Needs no proxy, and less CPU. */
export interface RocketmqRemotingOptions extends RocketmqConnectionOptions {
  /** Required: without it the transport is `grpc`. */
  readonly transport: 'remoting';
  /**
   * `host:port` of each name server, an IPv6 address in brackets; at least one. The brokers' addresses, which the name
   * servers tell (the brokers' `brokerIP1`), must be reachable from here. Required.
   */
  readonly nameServers: readonly string[];
  /**
   * Speaks TLS to the name servers too. Not needed for safety: they only tell addresses, and with `sslEnabled` every
   * broker must prove its own.
   * @default false
   */
  readonly nameServerSslEnabled?: boolean;
  /**
   * Another producer group whose half messages this service answers for: one that a predecessor sent in. The barrier answers
   * UNKNOWN about half messages of other libraries: for these the listener needs `checkLocalTransaction`. 1 to 255
   * characters out of A-Z, a-z, 0-9, "_", "-", "%" and "|". The service's own half messages are always sent in the group
   * that has the topic's name, where instances of the other transport find them.
   * @default none
   */
  readonly producerGroup?: string;
}

/** How the broker is reached; without `transport` through the proxy. */
export type RocketmqOptions = RocketmqGrpcOptions | RocketmqRemotingOptions;
