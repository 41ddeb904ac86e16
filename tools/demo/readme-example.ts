import { Injectable, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IsString, Matches } from 'class-validator';
import {
  commit,
  MessageListener,
  mysqlDataSourceOptions,
  rollback,
  TransactionListener,
  TransactionTemplate,
  TxMsgModule,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
} from 'txmsg';
import type { EntityManager } from 'typeorm';

/** Its message type at the broker is TRANSACTION. */
export const TOPIC = 'topic_payment';

/** What travels; the receiver validates it. */
export class Payment {
  @IsString() readonly txNo!: string;
  @IsString() readonly from!: string;
  @IsString() readonly to!: string;
  @Matches(/^\d{1,17}\.\d{2}$/) readonly amount!: string;
}

// ---- the sender ------------------------------------------------------------------------------------------

/** Runs between half message and COMMIT, in a database transaction that the library begins and ends. */
@Injectable()
@TransactionListener({ topic: TOPIC, producerGroup: 'producer_group_payment' })
export class PaymentTransactionListener implements LocalTransactionListener<Payment> {
  async executeLocalTransaction(
    { from, amount }: Payment,
    _arg: unknown,
    manager: EntityManager,
  ): Promise<LocalTransactionOutcome<'PAID', 'INSUFFICIENT_BALANCE'>> {
    const { affectedRows } = await manager.query<{ affectedRows: number }>(
      `UPDATE account SET balance = balance - CAST(? AS DECIMAL(19,2))
        WHERE account_no = ? AND balance >= CAST(? AS DECIMAL(19,2))`,
      [amount, from, amount],
    );
    return affectedRows === 1 ? commit('PAID') : rollback('INSUFFICIENT_BALANCE');
  }
}

@Injectable()
export class PaymentService {
  constructor(private readonly template: TransactionTemplate) {}

  async pay(payment: Payment): Promise<'PAID' | 'INSUFFICIENT_BALANCE' | 'NOT_KNOWN_YET'> {
    const { txNo } = payment;
    const sent = await this.template.sendMessageInTransaction<'PAID', 'INSUFFICIENT_BALANCE'>(
      TOPIC,
      payment,
      { txNo },
    );
    switch (sent.state) {
      case 'COMMITTED': // By this call, or by an earlier one with the same txNo.
        return 'PAID';
      case 'ROLLED_BACK':
        return sent.refusal;
      case 'UNKNOWN': // Not a failure: repeat the call with the SAME txNo. A new one could pay twice.
        return 'NOT_KNOWN_YET';
    }
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot(mysqlDataSourceOptions('mysql://payer:secret@127.0.0.1:3306/payer')),
    TxMsgModule.forRoot({ rocketmq: { endpoints: '127.0.0.1:58081' } }),
  ],
  providers: [PaymentService, PaymentTransactionListener],
})
export class PayerModule {}

// ---- the receiver, another service with another database ---------------------------------------------------

/**
 * Takes effect once per txNo, however often the message is delivered. Throwing retries; after `attemptsMax` failures the
 * message becomes a dead letter.
 */
@Injectable()
@MessageListener({ topic: TOPIC, consumerGroup: 'consumer_group_payment', payload: Payment })
export class PaymentHandler implements MessageHandler<Payment> {
  async onMessage({ to, amount }: Payment, manager: EntityManager): Promise<void> {
    const { affectedRows } = await manager.query<{ affectedRows: number }>(
      'UPDATE account SET balance = balance + CAST(? AS DECIMAL(19,2)) WHERE account_no = ?',
      [amount, to],
    );
    if (affectedRows === 0) throw new Error(`There is no account ${to}.`);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot(mysqlDataSourceOptions('mysql://payee:secret@127.0.0.1:3306/payee')),
    TxMsgModule.forRoot({ rocketmq: { endpoints: '127.0.0.1:58081' } }),
  ],
  providers: [PaymentHandler],
})
export class PayeeModule {}
