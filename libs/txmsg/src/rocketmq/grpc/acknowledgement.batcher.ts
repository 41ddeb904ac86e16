import type { BrokerStatus } from './broker-error.mapper.js';
import type { DeliveryReceipt } from './consumer.client.js';

type SendAll = (receipts: readonly DeliveryReceipt[], timeoutMs: number) => Promise<BrokerStatus[]>;

interface Waiting {
  readonly receipt: DeliveryReceipt;
  readonly timeoutMs: number;
  resolve(outcome: BrokerStatus): void;
  reject(error: unknown): void;
}

/** Requests under way at once, so that one that hangs does not hold up the others. */
const REQUESTS_MAX = 2;

/**
 * Sends acknowledgements in batches: those that were made in one turn of the event loop, or while other requests were
 * under way, share one request. There is no timer and no added wait. One by one, each acknowledgement costs
 * four times the CPU (measured).
 */
export class AcknowledgementBatcher {
  private waiting: Waiting[] = [];
  private readonly underWay = new Set<Promise<BrokerStatus>>();
  private requests = 0;
  private flushIsPlanned = false;

  constructor(private readonly sendAll: SendAll) {}

  send(receipt: DeliveryReceipt, timeoutMs: number): Promise<BrokerStatus> {
    const outcome = new Promise<BrokerStatus>((resolve, reject) => {
      this.waiting.push({ receipt, timeoutMs, resolve, reject });
      this.planFlush();
    });
    this.underWay.add(outcome);
    const forget = () => this.underWay.delete(outcome);
    outcome.then(forget, forget);
    return outcome;
  }

  /** Resolves when nothing is under way or waiting. */
  async drained(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private planFlush(): void {
    if (this.flushIsPlanned || this.requests >= REQUESTS_MAX) return;
    this.flushIsPlanned = true;
    queueMicrotask(() => {
      this.flushIsPlanned = false;
      this.flush();
    });
  }

  private flush(): void {
    const gathered = this.waiting;
    this.waiting = [];
    const brokers = new Set(gathered.map((one) => one.receipt.queue.broker.name));
    for (const broker of brokers) {
      void this.sendBatch(gathered.filter((one) => one.receipt.queue.broker.name === broker));
    }
  }

  private async sendBatch(batch: readonly Waiting[]): Promise<void> {
    this.requests += 1;
    try {
      const timeoutMs = Math.max(...batch.map((one) => one.timeoutMs));
      const outcomes = await this.sendAll(
        batch.map((one) => one.receipt),
        timeoutMs,
      );
      for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      this.requests -= 1;
      if (this.waiting.length > 0) this.planFlush();
    }
  }
}
