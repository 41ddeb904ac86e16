import type { PopReceipt } from './pop-receipt.js';

type SendAll = (brokerName: string, receipts: readonly PopReceipt[], timeoutMs: number) => Promise<void>;

interface Waiting {
  readonly receipt: PopReceipt;
  readonly timeoutMs: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Requests to one broker under way at once, so that one that hangs does not hold up the others. */
const REQUESTS_MAX = 2;
/** Far below what the broker refuses. */
const BATCH_MAX = 1_000;

/**
 * Sends acknowledgements in batches, one request per broker: whatever gathered in one turn of the event loop, or
 * while other requests were under way. There is no timer and no added wait.
 */
export class AcknowledgementQueue {
  private readonly queues = new Map<string, Waiting[]>();
  private readonly requests = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();
  private flushIsPlanned = false;

  constructor(private readonly sendAll: SendAll) {}

  send(receipt: PopReceipt, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.queues.get(receipt.brokerName);
      const one = { receipt, timeoutMs, resolve, reject };
      if (waiting) waiting.push(one);
      else this.queues.set(receipt.brokerName, [one]);
      this.planFlush();
    });
  }

  /** Resolves when nothing is under way or waiting. */
  async drained(): Promise<void> {
    this.flush();
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private planFlush(): void {
    if (this.flushIsPlanned) return;
    this.flushIsPlanned = true;
    setImmediate(() => {
      this.flushIsPlanned = false;
      this.flush();
    });
  }

  private flush(): void {
    for (const [brokerName, waiting] of this.queues) {
      while (waiting.length > 0 && (this.requests.get(brokerName) ?? 0) < REQUESTS_MAX) {
        const sending = this.sendBatch(brokerName, waiting.splice(0, BATCH_MAX));
        this.underWay.add(sending);
        void sending.finally(() => this.underWay.delete(sending));
      }
    }
  }

  private async sendBatch(brokerName: string, batch: readonly Waiting[]): Promise<void> {
    this.countRequest(brokerName, 1);
    try {
      const timeoutMs = Math.max(...batch.map((one) => one.timeoutMs));
      const receipts = batch.map((one) => one.receipt);
      await this.sendAll(brokerName, receipts, timeoutMs);
      for (const one of batch) one.resolve();
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      this.countRequest(brokerName, -1);
      this.flush();
    }
  }

  private countRequest(brokerName: string, change: number): void {
    this.requests.set(brokerName, (this.requests.get(brokerName) ?? 0) + change);
  }
}
