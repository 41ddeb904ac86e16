import { Injectable } from '@nestjs/common';
import { BALANCE_MAX, credit, type CreditOutcome } from '@txmsg/bank';
import { isSameTopUp } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import { RefusedBecause, type PaymentEnd, type Source, type TopUp, type TopUpState } from './top-up.js';

/**
 * What the end of a payment did.
 * - `CREDITED`, `FAILED`, `REFUSED`: the top-up is that now.
 * - `UNCHANGED`: it was so before.
 * - `CONTRADICTED`: what is said does not agree with the row; nothing was changed (`contradict`).
 * - `NOT_OURS`: no such account, or a failure that nobody expected otherwise; the caller rolls back.
 */
export type TopUpEffect = 'CREDITED' | 'FAILED' | 'REFUSED' | 'UNCHANGED' | 'CONTRADICTED' | 'NOT_OURS';

export interface TopUpConclusion {
  readonly effect: TopUpEffect;
  /** Where the top-up stands now; null when there is none. */
  readonly state: TopUpState | null;
  readonly reason: string | null;
}

const SELECT =
  'SELECT tx_no AS txNo, account_no AS accountNo, amount, state, reason FROM top_up WHERE tx_no = ?';
/** From which a message credits. An authenticated answer does from every state but CREDITED, which is the guard. */
const OPEN: readonly TopUpState[] = ['EXPECTED', 'GIVEN_UP'];

const HALF_OF_BALANCE_MAX = '50000000000000000.00';

/**
 * The one place that credits top-ups, for messages and answers alike, in the caller's transaction: the row is locked first,
 * then the account is changed, and the row says CREDITED in the same COMMIT. It is never deleted.
 */
@Injectable()
export class TopUpLedger {
  async apply(end: PaymentEnd, source: Source, manager: EntityManager): Promise<TopUpConclusion> {
    // A payment that failed, and that nobody expected, leaves no row in the way of a genuine one.
    if (end.result === 'success') await insertUnlessThere(end, manager);
    const topUp = await this.lock(end.txNo, manager);
    if (topUp === undefined) return { effect: 'NOT_OURS', state: null, reason: null };
    const as = (effect: TopUpEffect): TopUpConclusion => ({ ...topUp, effect });
    if (!isSameTopUp(topUp, end)) return as('CONTRADICTED');
    const { state } = topUp;
    if (end.result === 'fail') {
      if (state === 'FAILED') return as('UNCHANGED');
      return OPEN.includes(state) ? conclude(topUp, 'FAILED', null, manager) : as('CONTRADICTED');
    }
    if (state === 'CREDITED' || (state === 'REFUSED' && source === 'MESSAGE')) return as('UNCHANGED');
    // Pay's end is final. Which of two contradicting ones it is, only pay can say.
    if (state === 'FAILED' && source === 'MESSAGE') return as('CONTRADICTED');
    return creditNow(topUp, manager);
  }

  /** The row, locked until the transaction ends. */
  async lock(txNo: string, manager: EntityManager): Promise<TopUp | undefined> {
    const [topUp] = await manager.query<TopUp[]>(`${SELECT} FOR UPDATE`, [txNo]);
    return topUp;
  }

  /** As `lock`, for a reader: it waits for a transaction that holds the row, and sees what that one has committed. */
  async find(txNo: string, manager: EntityManager): Promise<TopUp | undefined> {
    const [topUp] = await manager.query<TopUp[]>(`${SELECT} FOR SHARE`, [txNo]);
    return topUp;
  }

  /** Keeps what contradicts the row, for the audit. The first one is kept. */
  async note(txNo: string, contradiction: string, manager: EntityManager): Promise<void> {
    await manager.query('UPDATE top_up SET contradiction = COALESCE(contradiction, ?) WHERE tx_no = ?', [
      contradiction,
      txNo,
    ]);
  }

  /**
   * For an end that `apply` found CONTRADICTED. Pay's own answer is the last word: what is not credited yet is REFUSED. A
   * message is not, so pay is asked in the next round; what is credited stays so.
   */
  async contradict(end: PaymentEnd, source: Source, manager: EntityManager): Promise<void> {
    const { txNo, accountNo, amount, result } = end;
    const said = `${source === 'ANSWER' ? 'pay answered' : 'a message said'} ${result}: ${amount} for ${accountNo}`;
    await this.note(txNo, said, manager);
    if (source === 'MESSAGE') return this.makeDue(txNo, manager);
    await manager.query(
      `UPDATE top_up SET state = 'REFUSED', reason = ? WHERE tx_no = ? AND state IN ('EXPECTED', 'GIVEN_UP', 'FAILED')`,
      [RefusedBecause.OTHER_CONTENTS, txNo],
    );
  }

  /** Lets pay be asked about the top-up in the next round, from the first step of the ladder, unless money has moved. */
  async makeDue(txNo: string, manager: EntityManager): Promise<void> {
    await manager.query(
      `UPDATE top_up SET state = 'EXPECTED', asked = 0, next_check_at = UTC_TIMESTAMP(3)
       WHERE tx_no = ? AND state IN ('EXPECTED', 'GIVEN_UP', 'FAILED')`,
      [txNo],
    );
  }
}

/**
 * Locks the row that is there as well, and at once for writing: after a plain INSERT that found it, several callers would
 * hold it for reading, and wait for each other.
 */
async function insertUnlessThere(
  { txNo, accountNo, amount }: PaymentEnd,
  manager: EntityManager,
): Promise<void> {
  await manager.query(
    `INSERT INTO top_up (tx_no, account_no, amount) VALUES (?, ?, CAST(? AS DECIMAL(19,2)))
     ON DUPLICATE KEY UPDATE tx_no = top_up.tx_no`,
    [txNo, accountNo, amount],
  );
}

async function creditNow(topUp: TopUp, manager: EntityManager): Promise<TopUpConclusion> {
  const credited = await creditBesideRefunds(topUp, manager);
  switch (credited) {
    case 'DONE':
      return conclude(topUp, 'CREDITED', null, manager);
    case 'NO_SUCH_ACCOUNT':
      return { effect: 'NOT_OURS', state: null, reason: credited };
    case 'ACCOUNT_FROZEN':
    case 'BALANCE_OVERFLOW':
      return conclude(topUp, 'REFUSED', credited, manager);
  }
}

/**
 * What the account has in flight may come back, and must then fit into it: a refund cannot be refused. While the account is
 * less than half full, that is not added up: a refund of more than the other half would have to wait until room is made.
 */
async function creditBesideRefunds(
  { accountNo, amount }: TopUp,
  manager: EntityManager,
): Promise<CreditOutcome> {
  const credited = await credit(manager, accountNo, amount, HALF_OF_BALANCE_MAX);
  if (credited !== 'BALANCE_OVERFLOW') return credited;
  // First: a transfer that is debited after the sum was read would be missing in it.
  await manager.query('SELECT 1 FROM account_info WHERE account_no = ? FOR UPDATE', [accountNo]);
  const [limit] = await manager.query<{ balanceMax: string }[]>(
    `SELECT GREATEST(0, ${BALANCE_MAX} - COALESCE(SUM(amount), 0)) AS balanceMax
     FROM outgoing_transfer WHERE state = 'DEBITED' AND account_no = ?`,
    [accountNo],
  );
  return credit(manager, accountNo, amount, limit?.balanceMax);
}

async function conclude(
  { txNo }: TopUp,
  state: 'CREDITED' | 'FAILED' | 'REFUSED',
  reason: RefusedBecause | null,
  manager: EntityManager,
): Promise<TopUpConclusion> {
  await manager.query('UPDATE top_up SET state = ?, reason = ? WHERE tx_no = ?', [state, reason, txNo]);
  return { effect: state, state, reason };
}
