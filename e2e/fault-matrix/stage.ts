import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from 'txmsg/testing';
import type { LogLine, ServiceProcess } from '../kit/service-process.js';
import type { Bank } from '@txmsg/contracts';
import { transfer } from '../kit/http.js';
import { IMPATIENT, TestBanks } from '../kit/test-banks.js';
import { MatrixBooks, type FullOrder } from './matrix-books.js';
import type { ResultSender } from '../kit/result-sender.js';

const AMOUNT = '4.00';
/** What a foreign sender's message with our txNo credits. */
const FOREIGN_AMOUNT = '1.00';
const PAUSE_MS = 300;
const DUE_EVERY_MS = 2000;
const CALL_DEADLINE_MS = 120_000;
const READY_DEADLINE_MS = 90_000;
const END_DEADLINE_MS = 120_000;

/** Short enough for hangs to end soon, and room for many of them at once. */
const SETTINGS = {
  ...IMPATIENT,
  LOG_LEVEL: 'debug',
  HANDLER_TIMEOUT_MS: '5000',
  MYSQL_CONNECTION_LIMIT: '60',
  // Reconciliation would mask what the other cells look for: it only sees transfers that were made a day ago.
  RECONCILE_AFTER_MS: '43200000',
  RECONCILE_INTERVAL_MS: '500',
};

/** Both banks with databases and topics of their own, their callers, and everything that was said. */
export class Stage {
  /** The statuses that the caller of each txNo was answered, in order; undefined for a bank that crashed. */
  readonly answers = new Map<string, (number | undefined)[]>();
  private readonly launched: ServiceProcess[] = [];
  private readonly current = new Map<Bank, ServiceProcess>();
  private bank2Url: string | undefined;
  private foreignCredits = 0;
  /** Nothing is started any more. */
  isClosed = false;

  private constructor(
    readonly banks: TestBanks,
    readonly ledger: MatrixBooks,
    readonly results: ResultSender,
  ) {
    void this.letTimePass();
  }

  static async create(label: string): Promise<Stage> {
    const banks = await TestBanks.create(label);
    return new Stage(banks, new MatrixBooks(banks), await banks.resultSender());
  }

  /** Starts an instance that may crash at any moment; from now on it is the one that callers reach. */
  launch(bank: Bank, environment: Readonly<Record<string, string>>): ServiceProcess {
    const bank2 = this.bank2Url === undefined ? {} : { BANK2_URL: this.bank2Url };
    const instance = this.banks.launch(bank, { ...SETTINGS, ...bank2, ...environment });
    this.launched.push(instance);
    this.current.set(bank, instance);
    return instance;
  }

  async start(bank: Bank, environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const instance = this.launch(bank, environment);
    await instance.waitUntilReady(READY_DEADLINE_MS);
    // Its later instances keep the port.
    if (bank === 'bank2') this.bank2Url = new URL(instance.url).origin;
    return instance;
  }

  /** Waits for the instance that callers reach. */
  async untilReady(bank: Bank): Promise<void> {
    await this.current.get(bank)?.waitUntilReady(READY_DEADLINE_MS);
  }

  async stop(bank: Bank): Promise<void> {
    const instance = this.current.get(bank);
    this.current.delete(bank);
    await instance?.kill('SIGTERM');
  }

  /** Whether callers reach this one, or would if it had not crashed. */
  isCurrent(instance: ServiceProcess): boolean {
    return [...this.current.values()].includes(instance);
  }

  /** Everything that this bank's instances have logged, also those that have crashed. */
  logs(bank: Bank): LogLine[] {
    return this.instances(bank).flatMap((one) => [...one.logs()]);
  }

  /** In the order in which they were started. */
  instances(bank: Bank): ServiceProcess[] {
    return this.launched.filter((instance) => instance.service === bank);
  }

  order(txNo: string): FullOrder {
    return { txNo, accountNo: `${txNo}-payer`, toAccountNo: `${txNo}-payee`, amount: AMOUNT };
  }

  /** What foreign messages have credited altogether. */
  get foreign(): string {
    return `${this.foreignCredits}.00`;
  }

  openAccounts(txNo: string): Promise<unknown> {
    return this.banks.books.openPair(txNo, '10.00');
  }

  /**
   * Calls until bank1 gives an answer that is one. 503 is one: it is left at that, since it says that nothing was
   * done and nothing will be. But after a call whose outcome is not known, it speaks only for the later call.
   */
  async call(order: FullOrder): Promise<void> {
    const heard = this.answers.get(order.txNo) ?? [];
    this.answers.set(order.txNo, heard);
    const endsAtMs = Date.now() + CALL_DEADLINE_MS;
    for (;;) {
      const status = await this.callOnce(order);
      heard.push(status);
      const isToldNothingDone = status === 503 && heard.every((one) => one === 503);
      const isToRepeat = status === undefined || [202, 500, 503].includes(status);
      if (isToldNothingDone || !isToRepeat) return;
      if (Date.now() > endsAtMs) throw new Error(`${order.txNo} was answered ${heard.join(', ')} to no end`);
      await delay(PAUSE_MS);
    }
  }

  /** The txNos whose callers were told that nothing was done, and who left it at that. */
  toldNothingDone(): string[] {
    return [...this.answers].filter(([, heard]) => heard.at(-1) === 503).map(([txNo]) => txNo);
  }

  /** Foreign messages take these txNos at bank2. Needs its bank2. */
  async takeTxNos(txNos: readonly string[]): Promise<void> {
    if (txNos.length === 0) return;
    const sender = await this.banks.foreignSender();
    for (const txNo of txNos) {
      await sender.deliver({ accountChange: { ...this.order(txNo), amount: FOREIGN_AMOUNT } }, txNo);
    }
    this.foreignCredits += txNos.length;
    // Another producer of the topic would be asked about half messages that are not its own.
    await sender.close();
    for (const txNo of txNos) await this.untilTaken(txNo);
  }

  private async untilTaken(txNo: string): Promise<void> {
    const isTxNoUsed = async (): Promise<boolean> => (await this.banks.books.incoming(txNo)) !== undefined;
    await eventually(isTxNoUsed, { timeoutMs: END_DEADLINE_MS, intervalMs: 200 });
  }

  async untilEnded(txNo: string): Promise<void> {
    const hasEnded = async (): Promise<boolean> => {
      const row = await this.banks.books.outgoing(txNo);
      return row !== undefined && row.state !== 'DEBITED';
    };
    // A transfer whose caller was told that it was not made is not waited for.
    const isOver = async (): Promise<boolean> => this.toldNothingDone().includes(txNo) || (await hasEnded());
    await eventually(isOver, { timeoutMs: END_DEADLINE_MS, intervalMs: 200 });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.ledger.close();
    await this.banks.close();
  }

  private async callOnce(order: FullOrder): Promise<number | undefined> {
    try {
      const bank1 = this.current.get('bank1');
      return bank1 && (await transfer(bank1, order)).status;
    } catch {
      return undefined;
    }
  }

  private async letTimePass(): Promise<void> {
    while (!this.isClosed) {
      await this.ledger.makeDue().catch(() => undefined);
      await delay(DUE_EVERY_MS);
    }
  }
}
