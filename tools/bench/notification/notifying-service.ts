import 'reflect-metadata';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Webhooks, WebhooksModule, WebhookSubscribers, type NewSubscriber } from '@txmsg/webhooks';
import { IsNumber, IsString } from 'class-validator';
import {
  MessageListener,
  mysqlDataSourceOptions,
  TxMsgHealthIndicator,
  TxMsgModule,
  type MessageHandler,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { CONSUMER_GROUP, TOPIC, type Work } from './notification-plan.js';

/**
 * What notifier does, as small as a service can be, with its options: a message becomes a delivery for every subscriber of
 * its type, in one transaction. notifier itself has two types only, so that a message is told to a half of all.
 */
class WorkMessage implements Work {
  @IsString() readonly id!: string;
  @IsString() readonly type!: string;
  @IsNumber() readonly sentAtMs!: number;
}

@Injectable()
@MessageListener({
  topic: TOPIC,
  consumerGroup: CONSUMER_GROUP,
  payload: WorkMessage,
  txNo: ({ id }: WorkMessage) => id,
})
class WorkListener implements MessageHandler<WorkMessage> {
  constructor(private readonly webhooks: Webhooks) {}

  async onMessage({ id, type, sentAtMs }: WorkMessage, manager: EntityManager): Promise<void> {
    const timestamp = new Date(sentAtMs);
    await this.webhooks.enqueueForAll(manager, { key: id, type, timestamp, data: { id, sentAtMs } });
  }
}

const { PORT, MYSQL_URL = '', ROCKETMQ_ENDPOINTS = '', WEBHOOK_KEY = '' } = process.env;

@Module({
  imports: [
    TypeOrmModule.forRoot(mysqlDataSourceOptions(MYSQL_URL)),
    TxMsgModule.forRoot({ rocketmq: { endpoints: ROCKETMQ_ENDPOINTS } }),
    WebhooksModule.forRoot({ encryptionKeys: [WEBHOOK_KEY] }),
  ],
  providers: [WorkListener],
})
class NotifyingModule {}

const application = await NestFactory.createApplicationContext(NotifyingModule, {
  logger: ['warn', 'error'],
});
application.enableShutdownHooks();
const health = application.get(TxMsgHealthIndicator);
const subscribers = application.get(WebhookSubscribers);

/** GET: whether it is ready. POST of a subscriber: its id. */
async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  if (request.method === 'GET') {
    const isUp = health.isHealthy('rocketmq').rocketmq.status === 'up';
    return { status: isUp ? 200 : 503, body: '' };
  }
  const { id } = await subscribers.create((await json(request)) as NewSubscriber);
  return { status: 201, body: JSON.stringify({ id }) };
}

const server = createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => response.writeHead(status).end(body),
    (error: unknown) => {
      console.error(error);
      response.writeHead(503).end();
    },
  );
});
server.listen(Number(PORT), '127.0.0.1');
