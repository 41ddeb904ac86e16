import { Injectable } from '@nestjs/common';
import type { BrokerClient } from './broker-client.js';
import { BrokerTransport } from './broker-transport.js';
import type { Consumer } from './consumer.js';
import type { Producer } from './producer.js';
import type { CheckBackHandler, TransactionalProducer } from './transactional-producer.js';

/** Creates this service's clients of the broker, and keeps a list of them for health checks. */
@Injectable()
export class BrokerClients {
  private readonly clients = new Map<string, BrokerClient>();

  constructor(private readonly transport: BrokerTransport) {}

  transactionalProducer(topic: string, checkBack: CheckBackHandler): TransactionalProducer {
    return this.known(
      `transactional producer of ${topic}`,
      this.transport.createTransactionalProducer(topic, checkBack),
    );
  }

  producer(topic: string): Producer {
    return this.known(`producer of ${topic}`, this.transport.createProducer(topic));
  }

  consumer(topic: string, consumerGroup: string): Consumer {
    return this.known(
      `consumer of ${topic} for ${consumerGroup}`,
      this.transport.createConsumer(topic, consumerGroup),
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
