import { Inject, Injectable } from '@nestjs/common';
import { Barrier } from '../barrier/index.js';
import { BrokerClients } from '../broker/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { FaultInjector } from '../faults/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { Telemetry, type ConsumerTelemetry } from '../telemetry/index.js';
import { Consumption } from './consumption.js';
import { DeadLetterPort } from './dead-letter.port.js';
import { DeliveryConcluder } from './delivery.concluder.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { InvisibleRenewal } from './invisible-renewal.js';
import { MessageReceiver } from './message-receiver.js';
import { MessageWorker } from './message-worker.js';

/** A consumer group's listener, and what consumes its messages. */
export interface GroupConsumption {
  readonly listener: RegisteredMessageListener;
  readonly consumption: Consumption;
  readonly telemetry: ConsumerTelemetry;
}

/** The consumers of this service, one for each `@MessageListener`. */
@Injectable()
export class ConsumerRuntime {
  private receivers: MessageReceiver[] = [];
  private readonly consumptions = new Map<string, GroupConsumption>();

  constructor(
    private readonly clients: BrokerClients,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly deadLetters: DeadLetterPort,
    private readonly faults: FaultInjector,
    private readonly telemetry: Telemetry,
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
  ) {}

  start(listeners: readonly RegisteredMessageListener[]): void {
    this.receivers = listeners.map((listener) => this.createReceiver(listener));
    for (const receiver of this.receivers) receiver.start();
  }

  /** Undefined for a group that this service has no listener for. */
  consumptionOf(consumerGroup: string): GroupConsumption | undefined {
    return this.consumptions.get(consumerGroup);
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.receivers.map((receiver) => receiver.stop(timeoutMs)));
  }

  private createReceiver(listener: RegisteredMessageListener): MessageReceiver {
    const { handlerTimeoutMs, barrierRetentionMs } = this.settings;
    const telemetry = this.telemetry.consumer(listener.topic, listener.consumerGroup);
    const consumption = new Consumption(
      listener,
      this.transactions,
      this.barrier,
      this.faults,
      handlerTimeoutMs,
      telemetry,
    );
    this.consumptions.set(listener.consumerGroup, { listener, consumption, telemetry });
    const concluder = new DeliveryConcluder(listener, this.deadLetters, this.faults, telemetry);
    const renewal = new InvisibleRenewal();
    const worker = new MessageWorker(
      listener,
      consumption,
      concluder,
      renewal,
      this.faults,
      barrierRetentionMs,
      handlerTimeoutMs,
      telemetry,
    );
    const consumer = this.clients.consumer(listener.topic, listener.consumerGroup);
    return new MessageReceiver(listener, consumer, worker, renewal, concluder);
  }
}
