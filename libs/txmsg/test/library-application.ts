import { randomBytes } from 'node:crypto';
import { Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BrokerTransport } from '../src/broker/index.js';
import { mysqlDataSourceOptions, TxMsgModule, type TxMsgOptions } from '../src/index.js';
import { FaultInjector } from '../src/faults/index.js';
import { RocketmqAdmin } from '../src/admin/index.js';
import type { RocketmqOptions } from '../src/options/rocketmq.options.js';
import { createTransport } from '../src/rocketmq/create-transport.js';
import { CONNECT_TIMEOUT_MS, requiredEnvironment } from './library-database.js';

/** The longest that is allowed. */
const SEND_TIMEOUT_MS = 14_000;

export interface LibraryApplicationOptions {
  readonly databaseUrl: string;
  readonly listeners: readonly Type[];
  readonly options?: Partial<TxMsgOptions>;
  /** Replaces the real broker, or wraps it. */
  readonly transport?: BrokerTransport;
  readonly faults?: FaultInjector;
}

/**
 * How the broker of the test environment is reached.
 * @param transport - by default that of `ROCKETMQ_TRANSPORT=remoting npm test`, else the official client
 */
export function realBroker(transport = process.env.ROCKETMQ_TRANSPORT): RocketmqOptions {
  return transport === 'remoting'
    ? { transport: 'remoting', nameServers: [requiredEnvironment('ROCKETMQ_NAMESRV')] }
    : { endpoints: requiredEnvironment('ROCKETMQ_ENDPOINTS') };
}

/** Clients of the real broker beside those of a service. */
export function openTransport(): Promise<BrokerTransport> {
  return createTransport(realBroker());
}

/** A service that uses the library, as one Nest application in this process. */
export async function startLibraryApplication({
  databaseUrl,
  listeners,
  options,
  transport,
  faults,
}: LibraryApplicationOptions): Promise<INestApplicationContext> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({
        ...mysqlDataSourceOptions(databaseUrl, { connectTimeoutMs: CONNECT_TIMEOUT_MS }),
        retryAttempts: 0,
      }),
      TxMsgModule.forRoot({
        rocketmq: realBroker(),
        // On a busy machine the default may end a send before the statement that a test is about.
        sendTimeoutMs: SEND_TIMEOUT_MS,
        ...options,
      }),
    ],
    providers: [...listeners],
  })
  class LibraryApplicationModule {}

  const builder = Test.createTestingModule({ imports: [LibraryApplicationModule] });
  if (transport !== undefined) builder.overrideProvider(BrokerTransport).useValue(transport);
  if (faults !== undefined) builder.overrideProvider(FaultInjector).useValue(faults);
  const testing = await builder.compile();
  return testing.init();
}

/** A topic and groups of this test file's own, on the real broker. */
export async function createTopic(
  label: string,
  type: 'TRANSACTION' | 'NORMAL',
): Promise<{ topic: string; producerGroup: string; consumerGroup: string }> {
  const unique = `${label}_${randomBytes(4).toString('hex')}`;
  const names = {
    topic: `t_${unique}`,
    producerGroup: `p_${unique}`,
    consumerGroup: `c_${unique}`,
  };
  const admin = new RocketmqAdmin({ namesrv: requiredEnvironment('ROCKETMQ_NAMESRV') });
  try {
    await admin.createTopic(names.topic, type);
    await admin.createConsumerGroup(names.consumerGroup, { retryMaxTimes: 1_000_000 });
  } finally {
    admin.close();
  }
  return names;
}
