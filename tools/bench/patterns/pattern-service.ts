import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  LocalMessageOutbox,
  mysqlDataSourceOptions,
  TransactionTemplate,
  TxMsgHealthIndicator,
  TxMsgModule,
} from 'txmsg';
import { DataSource } from 'typeorm';
import { receiverListeners, senderListeners } from './pattern-listeners.js';
import { servePayments } from './payment-server.js';
import { PATTERNS, topicOf, type Pattern } from './patterns.js';
import { payAll, type Payment } from './payments.js';

/** Sender or receiver of one pattern, as small as a service can be, so that the pattern is what is measured. */
interface ServiceSettings {
  readonly role: 'sender' | 'receiver';
  readonly pattern: Pattern;
  readonly port: number;
  readonly mysqlUrl: string;
  readonly rocketmq: Parameters<typeof TxMsgModule.forRoot>[0]['rocketmq'];
}

function readSettings(environment: NodeJS.ProcessEnv): ServiceSettings {
  const { ROLE, PATTERN, PORT, MYSQL_URL = '', ROCKETMQ_TRANSPORT } = environment;
  const { ROCKETMQ_ENDPOINTS = '', ROCKETMQ_NAMESRV = '' } = environment;
  const pattern = PATTERNS.find((name) => name === PATTERN);
  if (pattern === undefined)
    throw new Error(`PATTERN is "${PATTERN ?? ''}": one of ${PATTERNS.join(', ')} was expected`);
  return {
    role: ROLE === 'sender' ? 'sender' : 'receiver',
    pattern,
    port: Number(PORT),
    mysqlUrl: MYSQL_URL,
    rocketmq:
      ROCKETMQ_TRANSPORT === 'remoting'
        ? { transport: 'remoting', nameServers: ROCKETMQ_NAMESRV.split(';') }
        : { endpoints: ROCKETMQ_ENDPOINTS },
  };
}

function startApplication({
  role,
  pattern,
  mysqlUrl,
  rocketmq,
}: ServiceSettings): Promise<INestApplicationContext> {
  const topics = role === 'sender' && pattern === 'outbox' ? [topicOf(pattern)] : [];

  @Module({
    imports: [
      TypeOrmModule.forRoot(mysqlDataSourceOptions(mysqlUrl)),
      TxMsgModule.forRoot({ rocketmq, outbox: { topics } }),
    ],
    providers: role === 'sender' ? senderListeners(pattern) : receiverListeners(pattern),
  })
  class PatternModule {}

  return NestFactory.createApplicationContext(PatternModule, { logger: ['warn', 'error'] });
}

/** @returns what pays in this pattern, and resolves when the payment is committed */
function payerOf(
  application: INestApplicationContext,
  pattern: Pattern,
): (payment: Payment) => Promise<boolean> {
  const topic = topicOf(pattern);
  if (pattern === 'outbox') {
    const [dataSource, outbox] = [application.get(DataSource), application.get(LocalMessageOutbox)];
    return async (payment) => {
      await dataSource.transaction(async (manager) => {
        await payAll([payment], manager);
        await outbox.publish(manager, topic, payment, payment);
      });
      return true;
    };
  }
  const template = application.get(TransactionTemplate);
  return async (payment) => {
    const { txNo } = payment;
    return (await template.sendMessageInTransaction(topic, payment, { txNo })).state === 'COMMITTED';
  };
}

const settings = readSettings(process.env);
const application = await startApplication(settings);
application.enableShutdownHooks();
const pay = payerOf(application, settings.pattern);
const health = application.get(TxMsgHealthIndicator);

servePayments(settings.port, {
  pay,
  isReady: () => health.isHealthy('rocketmq').rocketmq.status === 'up',
});
