import { setTimeout as delay } from 'node:timers/promises';
import { transfer } from './http.js';

/** What a caller was told; undefined when no answer came, as from a bank that crashed. */
export interface SentTransfer {
  readonly txNo: string;
  readonly status: number | undefined;
}

const PAUSE_MS = 50;

/** Callers who make transfers one after another, whatever they are answered. */
export class TransferLoad {
  private readonly results: SentTransfer[] = [];
  private readonly callers: Promise<void>[];
  private isStopping = false;

  constructor(
    private readonly name: string,
    private readonly bank1: { readonly url: string },
    private readonly pair: { readonly accountNo: string; readonly toAccountNo: string },
    callers = 4,
  ) {
    this.callers = Array.from({ length: callers }, (_, caller) => this.callRepeatedly(caller));
  }

  /** What was answered so far. */
  get sent(): readonly SentTransfer[] {
    return this.results;
  }

  count(status: number): number {
    return this.results.filter((result) => result.status === status).length;
  }

  /** Lets the calls that are under way finish. */
  async stop(): Promise<readonly SentTransfer[]> {
    this.isStopping = true;
    await Promise.all(this.callers);
    return this.results;
  }

  private async callRepeatedly(caller: number): Promise<void> {
    for (let count = 1; !this.isStopping; count++) {
      const txNo = `${this.name}-${caller}-${count}`;
      const call = transfer(this.bank1, { ...this.pair, txNo, amount: '0.01' });
      const status = await call.then((answer) => answer.status).catch(() => undefined);
      this.results.push({ txNo, status });
      await delay(PAUSE_MS);
    }
  }
}
