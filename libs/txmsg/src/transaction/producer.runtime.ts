import { Inject, Injectable } from '@nestjs/common';
import { AttemptOutcomes } from '../barrier/index.js';
import { BrokerClients, type CheckBackHandler, type MeasuredTransactionalProducer } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { FaultInjector } from '../faults/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { Telemetry } from '../telemetry/index.js';
import { CheckBack } from './check-back.js';
import { ResolutionSender } from './resolution.sender.js';
import { LocalTransactionExecutor } from './local-transaction.executor.js';
import { LocalTransactionBatcher } from './local-transaction.batcher.js';
import { RunningAttempts } from './running-attempts.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';
import { TransactionalTopic } from './transactional-topic.js';
import { TransactionalTopics } from './transactional-topics.js';

/** The transactional producers of this service, one for each `@TransactionListener`. */
@Injectable()
export class ProducerRuntime {
  private readonly running = new RunningAttempts();
  private readonly checkBack: CheckBack;
  private readonly resolutionSender: ResolutionSender;
  private producers: MeasuredTransactionalProducer[] = [];

  constructor(
    private readonly clients: BrokerClients,
    private readonly executor: LocalTransactionExecutor,
    private readonly outcomes: AttemptOutcomes,
    private readonly topics: TransactionalTopics,
    private readonly faults: FaultInjector,
    private readonly telemetry: Telemetry,
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
  ) {
    this.checkBack = new CheckBack(outcomes, this.running, faults);
    this.resolutionSender = new ResolutionSender(faults);
  }

  /** Connects a producer for each topic at once: the broker sends check-backs only to connected producers. */
  start(listeners: Iterable<RegisteredTransactionListener>, databaseId: string): void {
    for (const listener of listeners) {
      const producer = this.clients.transactionalProducer(
        listener.topic,
        this.checkBackHandler(listener, databaseId),
      );
      this.topics.add(listener, this.createTopic(listener, producer, databaseId));
      this.producers.push(producer);
      producer.start();
    }
  }

  /** Lets running calls and outcomes finish within `timeoutMs`, then closes the producers. */
  async stop(timeoutMs: number): Promise<void> {
    const idle = this.running.idle().then(() => this.resolutionSender.idle());
    await withDeadline(idle, timeoutMs, () => new Error('still sending')).catch(() => undefined);
    await Promise.all(this.producers.map((producer) => producer.close(2000)));
  }

  private checkBackHandler(listener: RegisteredTransactionListener, databaseId: string): CheckBackHandler {
    const { checkLocalTransaction, scope } = listener;
    const { barrierRetentionMs } = this.settings;
    if (checkLocalTransaction !== undefined) return checkLocalTransaction;
    return (message) => this.checkBack.answer(message, { scope, databaseId, barrierRetentionMs });
  }

  private createTopic(
    listener: RegisteredTransactionListener,
    producer: MeasuredTransactionalProducer,
    databaseId: string,
  ): TransactionalTopic {
    return new TransactionalTopic({
      listener,
      databaseId,
      producer,
      batcher: new LocalTransactionBatcher(listener, this.executor, this.settings.sendTimeoutMs),
      executor: this.executor,
      outcomes: this.outcomes,
      resolutionSender: this.resolutionSender,
      running: this.running,
      faults: this.faults,
      telemetry: this.telemetry.producer(listener.topic),
    });
  }
}
