/** One request; resolves with the broker's answer to each receipt, in their order. */
type SendAll<Receipt, Answer> = (
  brokerName: string,
  receipts: readonly Receipt[],
  timeoutMs: number,
) => Promise<readonly Answer[]>;

interface Waiting<Receipt, Answer> {
  readonly receipt: Receipt;
  readonly timeoutMs: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Requests to one broker under way at once, so that one that hangs does not hold up the others. */
const REQUESTS_MAX = 2;
/** Far below what the broker refuses. */
const BATCH_MAX = 1_000;

/**
 * Sends acknowledgements in batches, one request per broker: whatever gathered in one turn of the event loop, or
 * while other requests were under way. There is no timer and no added wait. One by one, each acknowledgement costs four
 * times the CPU (measured).
 */
export class AcknowledgementBatcher<Receipt, Answer> {
  private readonly queues = new Map<string, Waiting<Receipt, Answer>[]>();
  private readonly requests = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();
  private flushIsPlanned = false;

  constructor(private readonly sendAll: SendAll<Receipt, Answer>) {}

  send(brokerName: string, receipt: Receipt, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = this.queues.get(brokerName);
      const one = { receipt, timeoutMs, resolve, reject };
      if (waiting) waiting.push(one);
      else this.queues.set(brokerName, [one]);
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

  private async sendBatch(brokerName: string, batch: readonly Waiting<Receipt, Answer>[]): Promise<void> {
    this.countRequest(brokerName, 1);
    try {
      const timeoutMs = Math.max(...batch.map((one) => one.timeoutMs));
      const receipts = batch.map((one) => one.receipt);
      const answers = await this.sendAll(brokerName, receipts, timeoutMs);
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer);
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
