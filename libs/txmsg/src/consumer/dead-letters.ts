import { Inject, Injectable, Logger } from '@nestjs/common';
import { Barrier } from '../barrier/index.js';
import type { CutBody } from '../broker/index.js';
import { DatabaseTransactions, isLockConflict } from '../database/index.js';
import {
  DeadLetterNotClaimed,
  DeadLetterReader,
  lockState,
  type DeadLetterActor,
  type DeadLetterFilter,
  type DeadLetterHistoryEntry,
  type DeadLetterState,
  type DeadLetterSummary,
  type NotClaimed,
  type StoredDeadLetter,
} from '../dead-letter/index.js';
import { Deadline } from '../deadline/index.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  InvalidArgumentError,
} from '../errors/index.js';
import { FaultInjector } from '../faults/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../txmsg.options.js';
import { ConsumerRuntime, type GroupConsumption } from './consumer.runtime.js';
import { DeadLetterDismissal } from './dead-letter-dismissal.js';
import { DeadLetterRedrive, type RedriveEnd } from './dead-letter-redrive.js';

export interface DeadLetterQuery extends DeadLetterFilter {
  /** From 1 to 100. @default 20 */
  readonly limit?: number;
}

export interface ReadOptions {
  /** How long the caller waits for the database, in ms. @default 10 000 */
  readonly timeoutMs?: number;
}

export interface DeadLetterPage {
  readonly deadLetters: readonly DeadLetterSummary[];
  /** The `after` of the next page; null when this is the last one. */
  readonly next: string | null;
}

/** A dead letter with all that is known about it. */
export interface DeadLetter extends DeadLetterSummary {
  /** As text when it is UTF-8, else in base64. */
  readonly body: { readonly encoding: 'utf8' | 'base64'; readonly text: string };
  /** Set when the body was too large: `body` is the beginning of it, and it cannot be re-driven. */
  readonly cut: CutBody | null;
  readonly keys: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  /** When it was sent, by the sender's clock; null when that is not known. */
  readonly bornAt: Date | null;
  /** What was done about it, oldest first. */
  readonly history: readonly DeadLetterHistoryEntry[];
}

/**
 * What became of a re-drive or a dismissal.
 * - `DONE`: the handler's work, or the dismissal, is committed; the letter is closed.
 * - `DUPLICATE`: these contents had been consumed before; the letter is closed.
 * - `IGNORED`: the handler ignored the message; the letter is closed.
 * - `DROPPED`: it failed again, but `onDeadLetter` says that nobody need look at it; the letter is closed.
 * - `FAILED`: it failed again; the letter is open, with this reason.
 * - `BUSY`: somebody else is at it right now; nothing was done.
 * - `CLOSED`: somebody has re-driven or dismissed it before; nothing was done.
 * - `NOT_FOUND`, `NO_LISTENER`: there is no such letter, or nothing here that handles its group; nothing was done.
 * - `BODY_CUT`: its message was too large, and only the beginning of it was kept: it cannot be re-driven; nothing was
 *   done. The sender must send it again, after `messageLimits` was raised.
 * - `UNKNOWN`: COMMIT was sent, and what became of it cannot be learnt now. Repeat the call: it takes effect once.
 */
export type DeadLetterResult =
  RedriveEnd | NotClaimed | { readonly outcome: 'NO_LISTENER' | 'BODY_CUT' | 'UNKNOWN' };

const ID_RULE = /^[1-9]\d{0,17}$/;
const LIMIT_MAX = 100;
const RESOLVE_TIMEOUT_MS = 5000;

/**
 * The messages that could not be consumed, for operators. Any number of operators and instances may act at once: a
 * letter is acted on by one at a time, and who did what stands in `dead_letter_action`.
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
    if (filter.after !== undefined) assertId('after', filter.after);
    const found = await this.reader.page(filter, limit + 1, timeoutMs);
    const deadLetters = found.slice(0, limit);
    return { deadLetters, next: found.length > limit ? (deadLetters.at(-1)?.id ?? null) : null };
  }

  /** @throws InvalidArgumentError; database errors */
  async find(id: string, { timeoutMs }: ReadOptions = {}): Promise<DeadLetter | undefined> {
    assertId('id', id);
    const letter = await this.reader.find(id, timeoutMs);
    if (letter === undefined) return undefined;
    const { message, ...rest } = letter;
    const { body, cut = null, keys, properties, bornAtMs } = message;
    return {
      ...rest,
      body: asText(body),
      cut,
      keys,
      properties,
      bornAt: bornAtMs === undefined ? null : new Date(bornAtMs),
    };
  }

  /**
   * Takes it through the same barrier and handler as a delivery, in a transaction that also closes it. One that
   * expired is not held back for its age: the barrier and the handler decide, so a handler without a lasting record
   * of its own may do it twice when the barrier has been purged.
   * @throws InvalidArgumentError; database errors: nothing was done then
   */
  redrive(id: string, actor: DeadLetterActor): Promise<DeadLetterResult> {
    return this.act(id, 'REDRIVEN', actor, async (letter, group) => {
      if (letter.message.cut !== undefined) return { outcome: 'BODY_CUT' };
      return new DeadLetterRedrive(group, this.transactions, this.barrier, letter, actor).run();
    });
  }

  /**
   * Ends it without its handler; the listener's `onDismiss` runs in the same transaction. A later delivery of the
   * same contents is a duplicate, unless `onDismiss` answers with `ignore`: then it is handled.
   *
   * Of a message that cannot be read, nobody knows which transaction it belongs to: dismissing it says that an
   * operator has seen it, and nothing follows from it. `onDismiss` does not run, and its sender hears nothing.
   * @throws InvalidArgumentError; database errors, and what `onDismiss` throws: nothing was done then
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
    const result = await work(letter, group).catch((error: unknown) => this.explain(id, wanted, error));
    this.logger.log({
      message: `dead letter ${wanted === 'REDRIVEN' ? 're-driven' : 'dismissed'}: ${result.outcome}`,
      id,
      txNo: letter.txNo,
      consumerGroup: letter.consumerGroup,
      by: actor.by,
    });
    return result;
  }

  private async explain(id: string, wanted: DeadLetterState, error: unknown): Promise<DeadLetterResult> {
    if (error instanceof DeadLetterNotClaimed) return error.result;
    if (error instanceof CommitOutcomeUnknownError) return this.resolve(id, wanted, error);
    // A delivery of the same contents is being consumed, or the handler met somebody else's locks.
    if (isLockConflict(error)) return { outcome: 'BUSY' };
    throw error;
  }

  /** The lock waits for a transaction that is still under way, so what is read then is what became of it. */
  private async resolve(id: string, wanted: DeadLetterState, cause: Error): Promise<DeadLetterResult> {
    let state: DeadLetterState | undefined;
    try {
      state = await this.transactions.run(
        async ({ entityManager }) => ({ decision: 'ROLLBACK', value: await lockState(entityManager, id) }),
        { deadline: Deadline.in(RESOLVE_TIMEOUT_MS) },
      );
    } catch {
      return { outcome: 'UNKNOWN' };
    }
    if (state === wanted) return { outcome: 'DONE' };
    if (state === undefined || state === 'OPEN') {
      throw new DatabaseUnavailableError('The connection broke at COMMIT, and nothing was done.', { cause });
    }
    return { outcome: 'CLOSED', state };
  }
}

function assertId(field: string, id: string): void {
  if (!ID_RULE.test(id)) throw new InvalidArgumentError(field, id, 'a positive whole number, as text');
}

function assertActor({ by, note = '' }: DeadLetterActor): void {
  if (by.trim() === '' || Array.from(by).length > 64) {
    throw new InvalidArgumentError('by', by, 'who does it, in 1 to 64 characters');
  }
  if (Array.from(note).length > 500) throw new InvalidArgumentError('note', note, 'at most 500 characters');
}

function asText(body: Buffer): DeadLetter['body'] {
  try {
    return {
      encoding: 'utf8',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body),
    };
  } catch {
    return { encoding: 'base64', text: body.toString('base64') };
  }
}
