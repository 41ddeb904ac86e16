import { setTimeout as delay } from 'node:timers/promises';
import { transfer, type TransferOrder } from '../../e2e/kit/http.js';
import { FROZEN_PAYEES, PAYEES, PAYERS, POOR_PAYERS, UNKNOWN_PAYEES } from './accounts.js';
import type { Random } from './random.js';

export type Order = Required<TransferOrder>;

/**
 * What a caller knows about a transfer.
 * - `DEBITED`: it was told so.
 * - `REFUSED`: it was told why, and that nothing was done.
 * - `NOTHING_DONE`: every call was answered 503, and it gave up.
 * - `UNKNOWN`: it was told nothing certain: ask again.
 */
export type Knowledge = 'DEBITED' | 'REFUSED' | 'NOTHING_DONE' | 'UNKNOWN';

export interface SentTransfer {
  readonly order: Order;
  /** What each call was answered, in order; undefined when no answer came. */
  readonly statuses: (number | undefined)[];
  /** Whether the last call was made when everything ran and no earlier call was under way any more. */
  isAskedAtRest: boolean;
}

const CALLERS = 12;
const CALL_DEADLINE_MS = 15_000;
const PAUSE_MS = { min: 20, max: 300 };
const CALLS_MAX = 6;

/** Callers in a closed loop: each makes one transfer after another, and repeats calls as real ones do. */
export class Workload {
  readonly sent: SentTransfer[] = [];
  private callers: Promise<void>[] = [];
  private isStopping = false;

  constructor(
    private readonly bank1Urls: () => readonly string[],
    private readonly random: Random,
  ) {}

  start(): void {
    this.callers = Array.from({ length: CALLERS }, (_, caller) => this.callUntilStopped(caller));
  }

  /** Lets the calls that are under way finish. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.callers);
  }

  /** When everything runs again: repeats a transfer's call until its outcome is certain, by this deadline. */
  async resolve(transfer: SentTransfer, deadlineMs: number): Promise<void> {
    const endsAtMs = Date.now() + deadlineMs;
    while (knowledgeOf(transfer) === 'UNKNOWN' && Date.now() < endsAtMs) {
      transfer.isAskedAtRest = true;
      await this.call(transfer);
      await delay(this.random.whole(PAUSE_MS.min, PAUSE_MS.max));
    }
  }

  private async callUntilStopped(caller: number): Promise<void> {
    for (let count = 1; !this.isStopping; count++) {
      const sent = { order: this.order(`chaos-${caller}-${count}`), statuses: [], isAskedAtRest: false };
      this.sent.push(sent);
      await this.makeTransfer(sent);
      await delay(this.random.whole(PAUSE_MS.min, PAUSE_MS.max));
    }
  }

  private async makeTransfer(sent: SentTransfer): Promise<void> {
    for (let calls = 1; calls <= CALLS_MAX; calls++) {
      await this.call(sent);
      const isCertain = !['UNKNOWN', 'NOTHING_DONE'].includes(knowledgeOf(sent));
      // Some repeat a call whose answer they have, and some give up although they have none.
      if (isCertain ? !this.random.chance(0.03) : this.random.chance(0.15) || this.isStopping) return;
      await delay(this.random.whole(PAUSE_MS.min, PAUSE_MS.max));
    }
  }

  private async call({ order, statuses }: SentTransfer): Promise<void> {
    const urls = this.bank1Urls();
    if (urls.length === 0) return;
    const answer = transfer({ url: this.random.oneOf(urls) }, order, CALL_DEADLINE_MS);
    statuses.push(
      await answer.then(
        ({ status }) => status,
        () => undefined,
      ),
    );
  }

  private order(txNo: string): Order {
    const { random } = this;
    const payees = random.weighted([
      { weight: 90, of: PAYEES },
      { weight: 5, of: FROZEN_PAYEES },
      { weight: 5, of: UNKNOWN_PAYEES },
    ]);
    const accountNo = random.oneOf(random.chance(0.05) ? POOR_PAYERS : PAYERS);
    const amount = `${random.whole(0, 19)}.${String(random.whole(1, 99)).padStart(2, '0')}`;
    return { txNo, accountNo, toAccountNo: random.oneOf(payees.of), amount };
  }
}

/** Refusals that say that nothing was done: 404, 409, 422 and the like. */
const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500;

export function knowledgeOf({ statuses, isAskedAtRest }: SentTransfer): Knowledge {
  if (statuses.some((status) => status === 200 || status === 201)) return 'DEBITED';
  if (isAskedAtRest && isRefusal(statuses.at(-1))) return 'REFUSED';
  // A refusal speaks for its own call only: an earlier one that was not answered may still be carried out.
  if (!statuses.every((status) => status === 503 || isRefusal(status))) return 'UNKNOWN';
  return statuses.some(isRefusal) ? 'REFUSED' : 'NOTHING_DONE';
}
