import type { EntityManager } from 'typeorm';
import { isLockedNow, prepared } from '../database/index.js';
import { cutText } from '../errors/cut-text.js';
import type { DeadLetterReason } from '../consumer/retry-policy.js';
import type { DeadLetterState } from './dead-letter.js';
import type { DeadLetterResult } from './dead-letter-result.js';
import { DETAIL_LENGTH_MAX } from './dead-letter.row.js';

/** The operator who re-drives or dismisses a dead letter, and why. */
export interface DeadLetterActor {
  /** 1 to 64 characters. */
  readonly by: string;
  /** At most 500 characters. @default '' */
  readonly note?: string;
}

/** How a dead letter is re-driven, by whom, and why. */
export interface RedriveOptions extends DeadLetterActor {
  /**
   * Handles it also when it is older than `barrierRetentionMs`. Its barrier row may have been deleted, so a handler that keeps
   * no lasting record of its own may apply it twice: look first whether the service's own tables show that it was applied.
   * @default false: such a dead letter becomes EXPIRED, and stays open
   */
  readonly evenIfExpired?: boolean;
}

/** One action on a dead letter: a row of `dead_letter_action`. */
interface Action {
  readonly id: string;
  readonly action: 'REDRIVE' | 'DISMISS' | 'REOPEN';
  /** Absent when the service did it by itself. */
  readonly actor?: DeadLetterActor;
  readonly outcome: string;
}

export interface Failure {
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** Undefined when the message could not be read. */
  readonly contents?: { readonly txNo: string; readonly contentsHash: Buffer } | undefined;
}

/** The transaction does not hold its dead letter: another operation does, or it is closed or gone. Nothing was done. */
export class DeadLetterNotClaimed extends Error {
  constructor(readonly result: DeadLetterResult) {
    super(`the dead letter is ${result.outcome}`);
  }
}

/**
 * Locks an open dead letter until the transaction ends; the first lock of every transaction that changes one (lock
 * order: dead letter, barrier, the service's own rows). So two operators never act on the same one at once.
 * @param onLock - WAIT when the lock may be that of an earlier transaction of the caller, which is being rolled back
 * @throws DeadLetterNotClaimed
 */
export async function claimDeadLetter(
  entityManager: EntityManager,
  id: string,
  onLock: 'FAIL' | 'WAIT' = 'FAIL',
): Promise<void> {
  const state = await lockState(entityManager, id, onLock);
  if (state === undefined) throw new DeadLetterNotClaimed({ outcome: 'NOT_FOUND' });
  if (state !== 'OPEN') throw new DeadLetterNotClaimed({ outcome: 'CLOSED', state });
}

/** Locks a dead letter and reads its state; undefined when there is none. @throws DeadLetterNotClaimed */
export async function lockState(
  entityManager: EntityManager,
  id: string,
  onLock: 'FAIL' | 'WAIT' = 'WAIT',
): Promise<DeadLetterState | undefined> {
  try {
    const [row] = await entityManager.query<{ state: DeadLetterState }[]>(
      `SELECT state FROM dead_letter WHERE id = CAST(? AS SIGNED) FOR UPDATE ${onLock === 'FAIL' ? 'NOWAIT' : ''}`,
      [id],
    );
    return row?.state;
  } catch (error) {
    if (isLockedNow(error)) throw new DeadLetterNotClaimed({ outcome: 'BUSY' });
    throw error;
  }
}

/** Closes a claimed one. */
export async function closeDeadLetter(
  entityManager: EntityManager,
  action: Action & { readonly action: 'REDRIVE' | 'DISMISS' },
): Promise<void> {
  const state: DeadLetterState = action.action === 'REDRIVE' ? 'REDRIVEN' : 'DISMISSED';
  await entityManager.query(
    'UPDATE dead_letter SET state = ?, update_time = UTC_TIMESTAMP(3) WHERE id = CAST(? AS SIGNED)',
    [state, action.id],
  );
  await record(entityManager, action);
}

/** Leaves a claimed one open, with the reason why it failed this time. */
export async function keepDeadLetterOpen(
  entityManager: EntityManager,
  action: Omit<Action, 'outcome'>,
  failure: Failure,
): Promise<void> {
  await open(entityManager, action.id, failure);
  await record(entityManager, { ...action, outcome: failure.reason });
}

/** Opens a closed one again, whose message was delivered once more and failed: an operator must see it again. */
export async function reopenDeadLetter(
  entityManager: EntityManager,
  id: string,
  failure: Failure,
): Promise<void> {
  await open(entityManager, id, failure);
  await record(entityManager, { id, action: 'REOPEN', outcome: failure.reason });
}

/** What an action has come to by the row that it has recorded. */
export interface RecordedAction {
  readonly outcome: string;
  /** Of the dead letter, as it is now. */
  readonly detail: string;
}

/** What this operator's action after another one has recorded; undefined when it has recorded nothing. */
export async function findAction(
  entityManager: EntityManager,
  { id, action, actor }: Omit<Action, 'outcome' | 'actor'> & { readonly actor: DeadLetterActor },
  afterActionId: string,
): Promise<RecordedAction | undefined> {
  const [row] = await entityManager.query<RecordedAction[]>(
    `SELECT a.outcome, d.detail FROM dead_letter_action a JOIN dead_letter d ON d.id = a.dead_letter_id
     WHERE a.dead_letter_id = CAST(? AS SIGNED) AND a.id > CAST(? AS SIGNED) AND a.action = ? AND a.actor = ?
     ORDER BY a.id LIMIT 1`,
    [id, afterActionId, action, actor.by],
  );
  return row;
}

async function open(
  entityManager: EntityManager,
  id: string,
  { reason, detail, contents }: Failure,
): Promise<void> {
  await entityManager.query(REOPEN, [
    reason,
    cutText(detail, DETAIL_LENGTH_MAX),
    contents?.txNo ?? null,
    contents?.contentsHash ?? null,
    id,
  ]);
}

async function record(entityManager: EntityManager, { id, action, actor, outcome }: Action): Promise<void> {
  await entityManager.query(RECORD, [id, action, actor?.by ?? null, actor?.note ?? '', outcome]);
}

const REOPEN = prepared(
  `UPDATE dead_letter SET state = 'OPEN', reason = ?, detail = ?, tx_no = COALESCE(?, tx_no),
     contents_hash = COALESCE(?, contents_hash), update_time = UTC_TIMESTAMP(3) WHERE id = CAST(? AS SIGNED)`,
);

const RECORD = prepared(
  `INSERT INTO dead_letter_action (dead_letter_id, action, actor, note, outcome, create_time)
   VALUES (CAST(? AS SIGNED), ?, ?, ?, ?, UTC_TIMESTAMP(3))`,
);
