import { Module, type DynamicModule } from '@nestjs/common';
import { TxMsgModule, type TxMsgOptions } from 'txmsg';
import type { BankSettings } from '../configuration/bank-settings.js';

/** txmsg with the bank's settings. */
@Module({})
export class MessagingModule {
  static forRoot(settings: BankSettings): DynamicModule {
    return { module: MessagingModule, imports: [TxMsgModule.forRoot(txMsgOptions(settings))] };
  }
}

function txMsgOptions(settings: BankSettings): TxMsgOptions {
  const { sendTimeoutMs, handlerTimeoutMs, acceptUnsafeFlush, faults } = settings;
  const { barrierRetentionMs, outboxRetentionMs, checkHorizonMs, retentionIntervalMs } = settings;
  return {
    rocketmq: { endpoints: settings.rocketmqEndpoints },
    sendTimeoutMs,
    handlerTimeoutMs,
    barrierRetentionMs,
    outboxRetentionMs,
    checkHorizonMs,
    reconciliationHorizonMs: settings.reconciliationHorizon.ms,
    retentionIntervalMs,
    acceptUnsafeFlush,
    outbox: { topics: settings.outboxTopics },
    ...(faults === undefined ? {} : { faults }),
  };
}
