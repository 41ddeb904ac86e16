import type { Context } from '@opentelemetry/api';
import { carrierOf, type ConsumerTelemetry, type ProducerTelemetry } from '../telemetry/index.js';
import type { BrokerClient } from './broker-client.js';
import type { Consumer, Delivery, ReceiveOptions } from './consumer.js';
import type { OutgoingMessage } from './message.js';
import type { Producer } from './producer.js';
import type { CheckBackHandler, HalfMessage, TransactionalProducer } from './transactional-producer.js';

/** A half message, and the context of its sending: what follows from the message belongs below it. */
export interface MeasuredHalfMessage extends HalfMessage {
  readonly sent: Context;
}

/** A client whose requests are traced and measured, whichever transport carries them. */
abstract class MeasuredClient<Client extends BrokerClient> implements BrokerClient {
  constructor(protected readonly client: Client) {}

  start(): void {
    this.client.start();
  }

  isReady(): boolean {
    return this.client.isReady();
  }

  whyNotReady(): string | undefined {
    return this.client.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.client.whenReady(timeoutMs);
  }

  close(timeoutMs: number): Promise<void> {
    return this.client.close(timeoutMs);
  }
}

export class MeasuredTransactionalProducer
  extends MeasuredClient<TransactionalProducer>
  implements TransactionalProducer
{
  constructor(
    client: TransactionalProducer,
    private readonly telemetry: ProducerTelemetry,
  ) {
    super(client);
  }

  sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<MeasuredHalfMessage> {
    return this.telemetry.sendHalfMessage(message.key, async ({ context }) => {
      const halfMessage = await this.client.sendHalfMessage(withContext(message, context), timeoutMs);
      const { messageId } = halfMessage;
      return {
        messageId,
        sent: context,
        end: (resolution, endTimeoutMs) =>
          this.telemetry.resolve(context, messageId, resolution, () =>
            halfMessage.end(resolution, endTimeoutMs),
          ),
      };
    });
  }
}

export class MeasuredProducer extends MeasuredClient<Producer> implements Producer {
  constructor(
    client: Producer,
    private readonly telemetry: ProducerTelemetry,
  ) {
    super(client);
  }

  send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }> {
    return this.telemetry.sendMessage(message.key, ({ context }) =>
      this.client.send(withContext(message, context), timeoutMs),
    );
  }
}

export class MeasuredConsumer extends MeasuredClient<Consumer> implements Consumer {
  constructor(
    client: Consumer,
    private readonly telemetry: ConsumerTelemetry,
  ) {
    super(client);
  }

  async receive(options: ReceiveOptions): Promise<Delivery[]> {
    const deliveries = await this.telemetry.receive(() => this.client.receive(options));
    return deliveries.map((delivery) => this.measured(delivery));
  }

  private measured(delivery: Delivery): Delivery {
    const { message, deliveryAttempt } = delivery;
    return {
      message,
      deliveryAttempt,
      acknowledge: (timeoutMs) => this.telemetry.acknowledge(message, () => delivery.acknowledge(timeoutMs)),
      changeInvisibleDuration: (durationMs, timeoutMs) =>
        delivery.changeInvisibleDuration(durationMs, timeoutMs),
    };
  }
}

export function measuredCheckBack(
  checkBack: CheckBackHandler,
  telemetry: ProducerTelemetry,
): CheckBackHandler {
  return (message) => telemetry.checkBack(message, () => checkBack(message));
}

/** The message's own properties stay as they are. */
function withContext(message: OutgoingMessage, context: Context): OutgoingMessage {
  const carrier = carrierOf(context);
  if (carrier === undefined) return message;
  return { ...message, properties: { ...carrier, ...message.properties } };
}
