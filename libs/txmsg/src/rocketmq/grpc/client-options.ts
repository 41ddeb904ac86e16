import type { BaseClientOptions } from 'rocketmq-client-nodejs';
import { Logger } from '@nestjs/common';
import { TxMsgConfigurationError } from '../../errors/index.js';
import { createClientLogger } from './client-logger.js';
import { ClockWatch } from '../clock.watch.js';
import type { ConnectionOptions } from './grpc-connections.js';
import { problemsOf } from '../rocketmq-options.rules.js';
import type { RocketmqGrpcOptions, TransportLogger } from '../../options/rocketmq.options.js';

/** What every client of rocketmq-client-nodejs 1.0.8 is made with. */
export type ClientOptions = BaseClientOptions & ConnectionOptions;

/** The options with their defaults applied. */
export interface TransportSettings {
  readonly logger: TransportLogger;
  readonly clocks: ClockWatch;
  readonly requestTimeoutMs: number;
  /** A start is one route look-up and one answer on the telemetry stream. */
  readonly startTimeoutMs: number;
  clientOptions(onLost: (cause: Error) => void): ClientOptions;
}

/** @throws TxMsgConfigurationError with everything that is wrong */
export function settingsOf(options: RocketmqGrpcOptions): TransportSettings {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
  const logger = options.logger ?? new Logger('RocketmqTransport');
  const requestTimeoutMs = options.requestTimeoutMs ?? 3_000;
  const clientOptions = (onLost: (cause: Error) => void): ClientOptions => ({
    endpoints: options.endpoints,
    // Namespaces are broken in this client: a user who needs them prefixes the names.
    namespace: '',
    sslEnabled: options.sslEnabled ?? false,
    tlsRootCertificates: options.tlsRootCertificates,
    requestTimeout: requestTimeoutMs,
    logger: createClientLogger(logger),
    onLost,
    onPartLost: (words) => {
      logger.warn(`An address of RocketMQ is lost while another one is used on; it is tried again: ${words}`);
    },
    ...(options.credentials && { sessionCredentials: { ...options.credentials } }),
  });
  const clocks = new ClockWatch(logger);
  return { logger, clocks, requestTimeoutMs, startTimeoutMs: 2 * requestTimeoutMs, clientOptions };
}
