import { eventually } from 'txmsg/testing';
import { untilQuiet } from './discovery.js';
import type { Cell } from './cell.js';
import type { Stage } from './stage.js';

const DEADLINE_MS = 120_000;
const TIMES = 2;

/**
 * The barrier's rows are purged, as they are after some days, and then every message and every result is delivered
 * twice more. Only rows that are never deleted can still tell that they are old.
 * @returns when all of them were consumed
 */
export async function redeliverEverything(stage: Stage, cells: readonly Cell[]): Promise<void> {
  const results = await stage.ledger.results();
  const txNos = new Set(cells.map(({ txNo }) => txNo));
  const orders = (await stage.banks.books.allOutgoing()).filter(({ txNo }) => txNos.has(txNo));
  const before = { bank1: consumed(stage, 'bank1'), bank2: consumed(stage, 'bank2') };
  await stage.ledger.purgeBarrier();
  const sender = await stage.banks.foreignSender();
  for (let time = 0; time < TIMES; time++) {
    for (const { txNo, body } of results) await stage.results.deliver(txNo, body);
    for (const { txNo, accountNo, toAccountNo, amount } of orders) {
      await sender.deliver({ accountChange: { txNo, accountNo, toAccountNo, amount } }, txNo);
    }
  }
  const isConsumed = (): boolean =>
    consumed(stage, 'bank2') >= before.bank2 + TIMES * orders.length &&
    consumed(stage, 'bank1') >= before.bank1 + TIMES * results.length;
  await eventually(isConsumed, { timeoutMs: DEADLINE_MS, intervalMs: 300 });
  // bank2 answers with results of its own.
  await untilQuiet(() => consumed(stage, 'bank1') + consumed(stage, 'bank2'));
  const isSent = async (): Promise<boolean> => (await stage.ledger.pendingMessages()).length === 0;
  await eventually(isSent, { timeoutMs: DEADLINE_MS, intervalMs: 300 });
  await sender.close();
}

/** How many messages this bank has concluded so far, with whatever outcome. */
function consumed(stage: Stage, bank: 'bank1' | 'bank2'): number {
  return stage
    .logs(bank)
    .filter(({ message }) =>
      /^message (consumed|ignored|stored as dead letter|needs no dead letter)/.test(message),
    ).length;
}
