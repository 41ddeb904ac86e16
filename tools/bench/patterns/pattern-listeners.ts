import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import {
  commit,
  MessageListener,
  TransactionListener,
  type BatchLocalTransactionListener,
  type BatchMessageHandler,
  type LocalTransactionItem,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { payAll, Payment, receiveAll } from './payments.js';
import { consumerGroupOf, producerGroupOf, topicOf, type Pattern } from './patterns.js';

/** The listener of the sender; none for the outbox. */
export function senderListeners(pattern: Pattern): Type[] {
  const options = { topic: topicOf(pattern), producerGroup: producerGroupOf(pattern) };

  @Injectable()
  @TransactionListener(options)
  class BatchSender implements BatchLocalTransactionListener<Payment> {
    async executeLocalTransactions(
      items: readonly LocalTransactionItem<Payment>[],
      manager: EntityManager,
    ): Promise<LocalTransactionOutcome<'PAID'>[]> {
      await payAll(
        items.map(({ payload }) => payload),
        manager,
      );
      return items.map(() => commit('PAID'));
    }
  }

  @Injectable()
  @TransactionListener({ ...options, batching: pattern === 'single' })
  class SingleSender implements LocalTransactionListener<Payment> {
    async executeLocalTransaction(
      payment: Payment,
      _arg: unknown,
      manager: EntityManager,
    ): Promise<LocalTransactionOutcome<'PAID'>> {
      await payAll([payment], manager);
      return commit('PAID');
    }
  }

  if (pattern === 'outbox') return [];
  return [pattern === 'batch' ? BatchSender : SingleSender];
}

/** The handler of the receiver; the outbox's is in the batch form, too. */
export function receiverListeners(pattern: Pattern): Type[] {
  const options = { topic: topicOf(pattern), consumerGroup: consumerGroupOf(pattern), payload: Payment };

  @Injectable()
  @MessageListener(options)
  class BatchReceiver implements BatchMessageHandler<Payment> {
    async onMessages(items: readonly MessageItem<Payment>[], manager: EntityManager): Promise<void> {
      await receiveAll(
        items.map(({ payload }) => payload),
        manager,
      );
    }
  }

  @Injectable()
  @MessageListener({ ...options, batching: pattern === 'single' })
  class SingleReceiver implements MessageHandler<Payment> {
    async onMessage(payment: Payment, manager: EntityManager): Promise<void> {
      await receiveAll([payment], manager);
    }
  }

  return [pattern === 'batch' || pattern === 'outbox' ? BatchReceiver : SingleReceiver];
}
