import { Logger } from '@nestjs/common';
import { TxMsgConfigurationError } from '../../errors/index.js';
import type { RocketmqRemotingOptions, TransportLogger } from '../../options/rocketmq.options.js';
import { ClockWatch } from '../clock.watch.js';
import { problemsOf } from '../rocketmq-options.rules.js';
import type { ConnectionSecurity } from './remoting.connection.js';

/** The options with their defaults applied. */
export interface RemotingSettings {
  readonly nameServers: readonly string[];
  readonly nameServerSecurity: ConnectionSecurity;
  readonly brokerSecurity: ConnectionSecurity;
  readonly requestTimeoutMs: number;
  readonly producerGroup: string | undefined;
  readonly logger: TransportLogger;
  readonly clocks: ClockWatch;
}

/** @throws TxMsgConfigurationError with everything that is wrong */
export function remotingSettingsOf(options: RocketmqRemotingOptions): RemotingSettings {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
  const { nameServers, credentials, sslEnabled = false, tlsRootCertificates: authorities } = options;
  const logger = options.logger ?? new Logger('RocketmqTransport');
  const tls = { authorities };
  return {
    nameServers,
    nameServerSecurity: { credentials, tls: options.nameServerSslEnabled === true ? tls : undefined },
    brokerSecurity: { credentials, tls: sslEnabled ? tls : undefined },
    requestTimeoutMs: options.requestTimeoutMs ?? 3_000,
    producerGroup: options.producerGroup,
    logger,
    clocks: new ClockWatch(logger),
  };
}
