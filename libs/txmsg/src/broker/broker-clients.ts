import { Injectable } from '@nestjs/common';
import { Telemetry } from '../telemetry/index.js';
import type { BrokerClient } from './broker-client.js';
import { BrokerTransport } from './broker-transport.js';
import type { Consumer } from './consumer.js';
import {
  measuredCheckBack,
  MeasuredConsumer,
  MeasuredProducer,
  MeasuredTransactionalProducer,
} from './measured-clients.js';
import type { Producer } from './producer.js';
import type { CheckBackHandler } from './transactional-producer.js';

/** Creates this service's clients of the broker, traced and measured, and keeps a list of them for health checks. */
@Injectable()
export class BrokerClients {
  private readonly clients = new Map<string, BrokerClient>();

  constructor(
    private readonly transport: BrokerTransport,
    private readonly telemetry: Telemetry,
  ) {}

  transactionalProducer(topic: string, checkBack: CheckBackHandler): MeasuredTransactionalProducer {
    const telemetry = this.telemetry.producer(topic);
    const client = this.transport.createTransactionalProducer(topic, measuredCheckBack(checkBack, telemetry));
    return this.known(
      `transactional producer of ${topic}`,
      new MeasuredTransactionalProducer(client, telemetry),
    );
  }

  producer(topic: string): Producer {
    const client = this.transport.createProducer(topic);
    return this.known(`producer of ${topic}`, new MeasuredProducer(client, this.telemetry.producer(topic)));
  }

  consumer(topic: string, consumerGroup: string): Consumer {
    const client = this.transport.createConsumer(topic, consumerGroup);
    return this.known(
      `consumer of ${topic} for ${consumerGroup}`,
      new MeasuredConsumer(client, this.telemetry.consumer(topic, consumerGroup)),
    );
  }

  /** The clients that are not connected now, each with the reason. */
  notReady(): string[] {
    return [...this.clients].flatMap(([name, client]) => {
      const reason = client.whyNotReady();
      return reason === undefined ? [] : [`${name} (${reason})`];
    });
  }

  private known<Client extends BrokerClient>(name: string, client: Client): Client {
    this.clients.set(name, client);
    return client;
  }
}
