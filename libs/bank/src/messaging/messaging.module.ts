import { Module, type DynamicModule } from '@nestjs/common';
import { TxMsgModule, type RocketmqOptions, type TxMsgOptions } from 'txmsg';
import type { BankSettings } from '../configuration/bank-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';

/** txmsg with the bank's settings. */
@Module({})
export class MessagingModule {
  static forRoot(settings: BankSettings): DynamicModule {
    return { module: MessagingModule, imports: [TxMsgModule.forRoot(txMsgOptions(settings))] };
  }
}

function txMsgOptions(settings: BankSettings): TxMsgOptions {
  const { sendTimeoutMs, handlerTimeoutMs, acceptUnsafeFlush, faults, faultPoints } = settings;
  const { barrierRetentionMs, outboxRetentionMs, checkHorizonMs, retentionIntervalMs } = settings;
  return {
    rocketmq: rocketmqOptions(settings),
    sendTimeoutMs,
    handlerTimeoutMs,
    messageLimits: { bodyBytesMax: settings.messageBytesMax },
    barrierRetentionMs,
    outboxRetentionMs,
    checkHorizonMs,
    reconciliationHorizonMs: settings.reconciliationHorizon.ms,
    retentionIntervalMs,
    acceptUnsafeFlush,
    shutdownTimeoutMs: shutdownPhases(settings).workEndsMs,
    outbox: { topics: settings.outboxTopics },
    ...(faults === undefined ? {} : { faults }),
    serviceFaultPoints: faultPoints,
  };
}

function rocketmqOptions(settings: BankSettings): RocketmqOptions {
  const { rocketmqTls, rocketmqTlsCa, rocketmqAccessKey, rocketmqAccessSecret } = settings;
  const isKnown = rocketmqAccessKey !== undefined && rocketmqAccessSecret !== undefined;
  return {
    ...rocketmqAddress(settings),
    sslEnabled: rocketmqTls,
    ...(rocketmqTlsCa === undefined ? {} : { tlsRootCertificates: rocketmqTlsCa }),
    ...(isKnown ? { credentials: { accessKey: rocketmqAccessKey, accessSecret: rocketmqAccessSecret } } : {}),
  };
}

/** Which of the addresses is there, the settings have made sure of. */
function rocketmqAddress(settings: BankSettings) {
  const { rocketmqTransport, rocketmqEndpoints = '', rocketmqNameServers = [] } = settings;
  return rocketmqTransport === 'remoting'
    ? { transport: rocketmqTransport, nameServers: rocketmqNameServers }
    : { transport: rocketmqTransport, endpoints: rocketmqEndpoints };
}
