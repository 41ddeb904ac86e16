import { Module, type DynamicModule } from '@nestjs/common';
import { TxMsgHealthIndicator, TxMsgModule, type RocketmqOptions, type TxMsgOptions } from 'txmsg';
import { MessagingSettings } from '../configuration/messaging-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';
import { Readiness } from '../health/readiness.js';
import { ExhaustedChecksGauge } from './exhausted-checks.gauge.js';

/** Nobody waits for what a service reports: messages that are sent and received together cost less. */
const OUTBOX_GATHER_MS = 50;

/** txmsg with the service's settings. */
@Module({})
export class MessagingModule {
  constructor(readiness: Readiness, rocketmq: TxMsgHealthIndicator) {
    readiness.require(() => Promise.resolve(rocketmq.isHealthy('rocketmq')));
  }

  static forRoot(settings: MessagingSettings): DynamicModule {
    return {
      module: MessagingModule,
      imports: [TxMsgModule.forRoot(txMsgOptions(settings))],
      providers: [{ provide: MessagingSettings, useValue: settings }, ExhaustedChecksGauge],
    };
  }
}

function txMsgOptions(settings: MessagingSettings): TxMsgOptions {
  const { names, sendTimeoutMs, handlerTimeoutMs, handlerAttemptsMax } = settings;
  const { acceptUnsafeFlush, faults, faultPoints } = settings;
  const { barrierRetentionMs, outboxRetentionMs, checkHorizonMs, retentionIntervalMs } = settings;
  return {
    rocketmq: rocketmqOptions(settings),
    names,
    sendTimeoutMs,
    handlerTimeoutMs,
    handlerAttemptsMax,
    messageLimits: { bodyBytesMax: settings.messageBytesMax },
    barrierRetentionMs,
    outboxRetentionMs,
    checkHorizonMs,
    reconciliationHorizonMs: settings.reconciliationHorizon.ms,
    retentionIntervalMs,
    acceptUnsafeFlush,
    shutdownTimeoutMs: shutdownPhases(settings).workEndsMs,
    outbox: { topics: settings.outboxTopics, gatherMs: OUTBOX_GATHER_MS },
    ...(faults === undefined ? {} : { faults }),
    serviceFaultPoints: faultPoints,
  };
}

function rocketmqOptions(settings: MessagingSettings): RocketmqOptions {
  const { rocketmqTls, rocketmqTlsCa, rocketmqAccessKey, rocketmqAccessSecret } = settings;
  const hasAccount = rocketmqAccessKey !== undefined && rocketmqAccessSecret !== undefined;
  return {
    ...rocketmqAddress(settings),
    sslEnabled: rocketmqTls,
    ...(rocketmqTlsCa === undefined ? {} : { tlsRootCertificates: rocketmqTlsCa }),
    ...(hasAccount
      ? { credentials: { accessKey: rocketmqAccessKey, accessSecret: rocketmqAccessSecret } }
      : {}),
  };
}

/** The settings have checked that the address of the chosen transport is given. */
function rocketmqAddress(settings: MessagingSettings) {
  const { rocketmqTransport, rocketmqEndpoints = '', rocketmqNameServers = [] } = settings;
  return rocketmqTransport === 'remoting'
    ? { transport: rocketmqTransport, nameServers: rocketmqNameServers }
    : { transport: rocketmqTransport, endpoints: rocketmqEndpoints };
}
