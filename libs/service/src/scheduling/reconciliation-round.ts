import type { Logger } from '@nestjs/common';
import { workOnEach, type TransactionSendResult } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';

/** What was done about the transactions that were due. The names are fields of an HTTP answer. */
export interface ReconciliationReport {
  checked: number;
  /** Ended, as the other side decided. */
  settled: number;
  /** Unknown to the other side, so their message was sent again. */
  republished: number;
  /** No answer that says enough, of the other side or of RocketMQ; retried after a pause. */
  postponed: number;
}

/** What was done about one transaction; also the last word of its log line. */
export type ReconciliationOutcome = Exclude<keyof ReconciliationReport, 'checked'>;

/** Longer than the deadlines of asking the other side and of sending again, together. */
const ONE_MAX_MS = 20_000;
/** Worked on at the same time, so that a slow answer about one does not delay the others. */
const AT_ONCE = 8;

export interface ReconciliationRound<Item> {
  readonly logger: Logger;
  /** Aborted: no further one is begun; those that have begun are finished. */
  readonly signal: AbortSignal;
  /** Asks the other side, and does what follows from its answer. A throw means: retried after a pause. */
  readonly end: (item: Item) => Promise<ReconciliationOutcome>;
  /** What the work on one of them runs in, such as a span. @default nothing */
  readonly within?: (
    item: Item,
    work: () => Promise<ReconciliationOutcome>,
  ) => Promise<ReconciliationOutcome>;
}

/** Works once on each of these, several at a time, each within a time limit. Never throws because of one of them. */
export async function reconcileEach<Item extends { readonly txNo: string }>(
  items: readonly Item[],
  { logger, signal, end, within = (_item, work) => work() }: ReconciliationRound<Item>,
): Promise<ReconciliationReport> {
  const outcomes = await workOnEach(items, { atOnceMax: AT_ONCE, signal }, (item) =>
    within(item, () => inTime(item.txNo, end(item), logger)),
  );
  const report = { checked: outcomes.length, settled: 0, republished: 0, postponed: 0 };
  for (const outcome of outcomes) report[outcome] += 1;
  return report;
}

async function inTime(
  txNo: string,
  ending: Promise<ReconciliationOutcome>,
  logger: Logger,
): Promise<ReconciliationOutcome> {
  const late = (): Error => new Error(`it was not done within ${ONE_MAX_MS} ms`);
  try {
    const done = await withDeadline(ending, ONE_MAX_MS, late);
    logger.log(`Reconciliation: ${done}.`, { txNo });
    return done;
  } catch (error) {
    logger.warn(`Reconciliation failed and is retried after a pause. ${String(error)}`, { txNo });
    return 'postponed';
  }
}

/** What sending a message again came to: rolled back means that its guard found the transaction ended. */
export function outcomeOfResend({ state }: Pick<TransactionSendResult, 'state'>): ReconciliationOutcome {
  switch (state) {
    case 'COMMITTED':
      return 'republished';
    case 'ROLLED_BACK':
      return 'settled';
    case 'UNKNOWN':
      return 'postponed';
  }
}
