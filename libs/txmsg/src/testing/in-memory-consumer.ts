import { withCutBody, type Consumer, type Delivery, type ReceiveOptions } from '../broker/index.js';
import { Deadline } from '../deadline/index.js';
import { BrokerError } from '../errors/index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { InMemoryClient } from './in-memory-client.js';
import type { InMemoryFaults } from './in-memory-faults.js';
import type { InMemoryGroup, QueuedMessage } from './in-memory-group.js';
import type { InMemoryTopic } from './in-memory-topic.js';

const CHANGING = 'changing the invisible duration of a message';

const RECEIVING = 'receiving messages';

export class InMemoryConsumer extends InMemoryClient implements Consumer {
  constructor(
    topic: InMemoryTopic,
    private readonly group: InMemoryGroup,
    faults: InMemoryFaults,
    private readonly invisibleMsMin: number,
  ) {
    super(topic, faults);
  }

  async receive({
    messagesMax,
    awaitMs,
    invisibleMs,
    bodyBytesMax = DEFAULT_MESSAGE_LIMITS.bodyBytesMax,
  }: ReceiveOptions): Promise<Delivery[]> {
    if (invisibleMs < this.invisibleMsMin) {
      const detail = `invisibleMs ${invisibleMs} is too small, the least is ${this.invisibleMsMin}`;
      throw new BrokerError(RECEIVING, this.topic.name, detail);
    }
    const deadline = Deadline.in(awaitMs);
    for (;;) {
      const taken = await this.call(RECEIVING, awaitMs, () => this.group.take(messagesMax, invisibleMs));
      if (taken.length > 0 || deadline.hasPassed()) {
        return taken.map((queued) => this.deliver(queued, bodyBytesMax));
      }
      await this.somethingVisible(deadline);
      if (this.closing.signal.aborted) return [];
    }
  }

  private deliver(queued: QueuedMessage, bodyBytesMax: number): Delivery {
    const { message, deliveryAttempt, receipt } = queued;
    let acknowledged = false;
    return {
      message: withCutBody(message, bodyBytesMax),
      deliveryAttempt,
      acknowledge: (timeoutMs) =>
        this.call('acknowledging a message', timeoutMs, () => {
          if (acknowledged || this.faults.strikes('ACKNOWLEDGEMENT')) return;
          if (!this.group.acknowledge(queued, receipt)) throw this.staleReceipt('acknowledging a message');
          acknowledged = true;
        }),
      changeInvisibleDuration: (durationMs, timeoutMs) =>
        this.call(CHANGING, timeoutMs, () => {
          if (acknowledged) return;
          const isChanged = this.group.changeInvisibleDuration(queued, receipt, durationMs);
          if (!isChanged) throw this.staleReceipt(CHANGING);
        }),
    };
  }

  /** Resolves at the deadline, or when a message may be visible, the broker goes away or this is closed. */
  private async somethingVisible(deadline: Deadline): Promise<void> {
    if (this.closing.signal.aborted) return;
    const waitMs = Math.min(deadline.remainingMs(), Math.ceil(this.group.nextVisibleInMs() ?? Infinity));
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stopWatchingGroup();
        stopWatchingBroker();
        this.closing.signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, waitMs);
      const stopWatchingGroup = this.group.watch(finish);
      const stopWatchingBroker = this.faults.watch(finish);
      this.closing.signal.addEventListener('abort', finish);
    });
  }

  private staleReceipt(operation: string): BrokerError {
    return new BrokerError(operation, this.topic.name, 'the receipt is out of date, the message comes again');
  }
}
