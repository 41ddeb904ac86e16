import { Inject, Injectable, Logger } from '@nestjs/common';
import { Barrier } from '../barrier/index.js';
import { ConsumerRuntime, type GroupConsumption } from '../consumer/consumer.runtime.js';
import type { DeadLetterReason } from '../consumer/retry-policy.js';
import { DatabaseTransactions, isLockConflict, isLockedNow } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  InvalidArgumentError,
} from '../errors/index.js';
import { FaultInjector } from '../faults/index.js';
import { requireMoment } from '../limits/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import {
  DeadLetterNotClaimed,
  findAction,
  lockState,
  type DeadLetterActor,
  type RecordedAction,
  type RedriveOptions,
} from './dead-letter.actions.js';
import { DeadLetterDismissal } from './dead-letter-dismissal.js';
import {
  toDeadLetter,
  type DeadLetter,
  type DeadLetterState,
  type DeadLetterSummary,
  type StoredDeadLetter,
} from './dead-letter.js';
import { DeadLetterReader, type DeadLetterFilter } from './dead-letter.reader.js';
import { DeadLetterRedrive } from './dead-letter-redrive.js';
import type { DeadLetterResult } from './dead-letter-result.js';

/** Which dead letters, and how many of them. */
export interface DeadLetterQuery extends DeadLetterFilter {
  /** From 1 to 100. @default 20 */
  readonly limit?: number;
}

/** How a read is carried out. */
export interface ReadOptions {
  /** How long the caller waits for the database, in ms. @default 10 000 */
  readonly timeoutMs?: number;
}

/** One page of the list. */
export interface DeadLetterPage {
  /** In the order in which they were stored. */
  readonly deadLetters: readonly DeadLetterSummary[];
  /** The `after` of the next page; null when this is the last one. */
  readonly next: string | null;
}

/** What an operator asks for, and what had been done about the dead letter before. */
interface AskedAction {
  readonly id: string;
  readonly wanted: Exclude<DeadLetterState, 'OPEN'>;
  readonly actor: DeadLetterActor;
  readonly lastActionId: string;
}

const ID_RULE = /^[1-9]\d{0,17}$/;
const LIMIT_MAX = 100;
const RESOLVE_TIMEOUT_MS = 5000;

/**
 * The messages that could not be consumed, for operators. Any number of operators and instances may call it at once: one
 * operation at a time acts on a dead letter, and `dead_letter_action` records who did what. No method joins a transaction
 * of the caller.
 */
@Injectable()
export class DeadLetters {
  private readonly logger = new Logger(DeadLetters.name);

  /** @internal Made by the module; inject it. */
  constructor(
    private readonly reader: DeadLetterReader,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
    private readonly consumers: ConsumerRuntime,
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
  ) {}

  /** One page, in the order in which they were stored. @throws InvalidArgumentError; database errors */
  async list(
    { limit = 20, ...filter }: DeadLetterQuery = {},
    { timeoutMs }: ReadOptions = {},
  ): Promise<DeadLetterPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidArgumentError('limit', limit, `a whole number from 1 to ${LIMIT_MAX}`);
    }
    if (filter.since !== undefined) requireMoment('since', filter.since);
    if (filter.until !== undefined) requireMoment('until', filter.until);
    if (filter.after !== undefined) assertId('after', filter.after);
    const found = await this.reader.page(filter, limit + 1, timeoutMs);
    const deadLetters = found.slice(0, limit);
    return { deadLetters, next: found.length > limit ? (deadLetters.at(-1)?.id ?? null) : null };
  }

  /** One dead letter by its id; undefined when there is none. @throws InvalidArgumentError; database errors */
  async find(id: string, { timeoutMs }: ReadOptions = {}): Promise<DeadLetter | undefined> {
    assertId('id', id);
    const letter = await this.reader.find(id, timeoutMs);
    return letter === undefined ? undefined : toDeadLetter(letter);
  }

  /**
   * Handles it again, through the same barrier and handler as a delivery, in a transaction of its own that also closes it.
   * Repeating the call has no further effect.
   *
   * A message that is older than `barrierRetentionMs` by now is not handled: it becomes EXPIRED, and the result is FAILED with
   * that reason, at every call without `evenIfExpired`. Not guaranteed: that it takes effect once with that option. Its
   * barrier row may have been deleted, so a handler that keeps no lasting record of its own may apply it twice.
   * @throws InvalidArgumentError; database errors: nothing was done
   */
  redrive(id: string, options: RedriveOptions): Promise<DeadLetterResult> {
    return this.act(id, 'REDRIVEN', options, async (letter, group) => {
      if (letter.message.cut !== undefined) return { outcome: 'BODY_CUT' };
      return new DeadLetterRedrive(
        group,
        this.transactions,
        this.barrier,
        this.settings,
        letter,
        options,
      ).run();
    });
  }

  /**
   * Closes it without calling its handler, in a transaction of its own in which the listener's `onDismiss` runs. A later
   * delivery of the same contents is a duplicate, unless `onDismiss` answers `ignore`: then it is handled.
   *
   * A message that could not be read has no known txNo: dismissing it only records that an operator has seen it.
   * `onDismiss` does not run, and its sender is not told.
   * @throws InvalidArgumentError; database errors, and what `onDismiss` throws: nothing was done
   */
  dismiss(id: string, actor: DeadLetterActor): Promise<DeadLetterResult> {
    const { transactions, barrier, faults, settings } = this;
    return this.act(id, 'DISMISSED', actor, async (letter, { listener }) => {
      await new DeadLetterDismissal(listener, transactions, barrier, faults, settings.handlerTimeoutMs).run(
        letter,
        actor,
      );
      return { outcome: 'DONE' };
    });
  }

  private async act(
    id: string,
    wanted: Exclude<DeadLetterState, 'OPEN'>,
    actor: DeadLetterActor,
    work: (letter: StoredDeadLetter, group: GroupConsumption) => Promise<DeadLetterResult>,
  ): Promise<DeadLetterResult> {
    assertId('id', id);
    assertActor(actor);
    const letter = await this.reader.find(id);
    if (letter === undefined) return { outcome: 'NOT_FOUND' };
    if (letter.state !== 'OPEN') return { outcome: 'CLOSED', state: letter.state };
    const group = this.consumers.consumptionOf(letter.consumerGroup);
    if (group === undefined) return { outcome: 'NO_LISTENER' };
    const lastActionId = await this.reader.lastActionId(id);
    const result = await work(letter, group).catch((error: unknown) =>
      this.resultOf({ id, wanted, actor, lastActionId }, error),
    );
    this.logger.log({
      message: `dead letter ${wanted === 'REDRIVEN' ? 're-driven' : 'dismissed'}: ${result.outcome}`,
      id,
      txNo: letter.txNo,
      consumerGroup: letter.consumerGroup,
      by: actor.by,
    });
    return result;
  }

  private async resultOf(asked: AskedAction, error: unknown): Promise<DeadLetterResult> {
    if (error instanceof DeadLetterNotClaimed) return error.result;
    if (error instanceof CommitOutcomeUnknownError) return this.resolve(asked, error);
    // A delivery of the same contents is being consumed, or another transaction holds a lock that the handler needs.
    if (isLockConflict(error) || isLockedNow(error)) return { outcome: 'BUSY' };
    throw error;
  }

  /**
   * Locking the row waits until the transaction has ended at the server. Whether it took effect is told by the action that it
   * records, not by the state alone: a message that failed again stays open, with what `onDeadLetter` did.
   */
  private async resolve(
    { id, wanted, actor, lastActionId }: AskedAction,
    cause: Error,
  ): Promise<DeadLetterResult> {
    const action = wanted === 'REDRIVEN' ? 'REDRIVE' : 'DISMISS';
    let found: {
      readonly state?: DeadLetterState | undefined;
      readonly recorded?: RecordedAction | undefined;
    };
    try {
      found = await this.transactions.run(
        async ({ entityManager }) => {
          const state = await lockState(entityManager, id);
          const recorded = await findAction(entityManager, { id, action, actor }, lastActionId);
          return { decision: 'ROLLBACK', value: { state, recorded } };
        },
        { deadline: Deadline.in(RESOLVE_TIMEOUT_MS) },
      );
    } catch {
      return { outcome: 'UNKNOWN' };
    }
    const { state, recorded } = found;
    if (recorded !== undefined) return resultOfRecorded(recorded);
    if (state === undefined || state === 'OPEN') {
      throw new DatabaseUnavailableError(
        'The connection broke at COMMIT and nothing was done; repeat the call.',
        { cause },
      );
    }
    return { outcome: 'CLOSED', state };
  }
}

function resultOfRecorded({ outcome, detail }: RecordedAction): DeadLetterResult {
  switch (outcome) {
    case 'DONE':
    case 'DUPLICATE':
    case 'IGNORED':
    case 'DROPPED':
      return { outcome };
    default:
      return { outcome: 'FAILED', reason: outcome as DeadLetterReason, detail };
  }
}

function assertId(field: string, id: string): void {
  if (!ID_RULE.test(id)) throw new InvalidArgumentError(field, id, 'a positive whole number, as text');
}

function assertActor({ by, note = '' }: DeadLetterActor): void {
  if (by.trim() === '' || Array.from(by).length > 64) {
    throw new InvalidArgumentError('by', by, 'the name of the operator, 1 to 64 characters');
  }
  if (Array.from(note).length > 500) throw new InvalidArgumentError('note', note, 'at most 500 characters');
}
