import type { BankClient } from '../demo/bank-client.js';
import type { Bank } from '@txmsg/contracts';
import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import { expectThat, type ComposeSystem } from './compose-system.js';

const CALLERS = 8;
/** A call during which a broker crashes is repeated until another broker has taken over. */
const ACCEPT_DEADLINE_MS = 2 * 60_000;

/** Transfers that callers insist on: each is repeated until bank1 has accepted it. */
export class ManyTransfers {
  /** How many bank1 has accepted so far. */
  accepted = 0;
  private readonly txNos: readonly string[];

  constructor(
    private readonly system: ComposeSystem,
    count: number,
  ) {
    this.txNos = Array.from({ length: count }, () => system.newTxNo());
  }

  /** @returns when all of them are accepted */
  async send(): Promise<void> {
    const bank1 = await this.system.bank('bank1');
    const waiting = this.txNos.values();
    const callRepeatedly = async (): Promise<void> => {
      for (const txNo of waiting) {
        await insist(bank1, txNo);
        this.accepted++;
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, callRepeatedly));
  }

  untilCompleted(): Promise<void> {
    return this.system.untilCompleted(this.txNos);
  }

  /** How many of them each container has consumed; together each of them once. */
  async consumedBy(bank: Bank): Promise<Map<string, number>> {
    const ours = new Set(this.txNos);
    const counts = new Map<string, number>();
    for (const { container, message, txNo } of await this.system.bankLines(bank)) {
      if (message !== 'message consumed: DONE' || txNo === undefined || !ours.has(txNo)) continue;
      counts.set(container, (counts.get(container) ?? 0) + 1);
    }
    const sum = [...counts.values()].reduce((total, count) => total + count, 0);
    expectThat(`Transfers that ${bank} consumed`, sum, this.txNos.length);
    return new Map([...counts].sort());
  }
}

export function spread(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([container, count]) => `${container}: ${count}`).join(', ');
}

/** As a caller does: 202 and 503 mean that the same call is to be made again, and so does no answer. */
async function insist(bank1: BankClient, txNo: string): Promise<void> {
  await waitUntil(`Bank1 accepting ${txNo}`, { deadlineMs: ACCEPT_DEADLINE_MS }, async () => {
    const { status } = await bank1.transfer({ txNo, amount: '0.01' });
    if (![200, 201, 202, 502, 503, 504].includes(status))
      throw new StackError(`Transfer ${txNo} was answered ${status}.`);
    return status <= 201;
  });
}
