import { Injectable, Logger } from '@nestjs/common';
import { Deadline, InvalidArgumentError } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import {
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  GlobalTransactionDeadlineError,
  GlobalTransactionOverError,
  GlobalTransactionRolledBackError,
  NestedGlobalTransactionError,
} from '../errors/index.js';
import { SeataCounters } from '../telemetry/seata.counters.js';
import type { CommitDecision } from './commit-decision.js';
import type { CoordinatorClient } from './coordinator.client.js';
import {
  currentGlobalTransaction,
  withinGlobalTransaction,
  type GlobalTransactionContext,
} from './global-transaction.context.js';
import type { Ended, GlobalTransactionEnding } from './global-transaction.ending.js';
import { OpenGlobalTransaction } from './open-global-transaction.js';
import { GLOBAL_TIMEOUT_RANGE, workTimeoutMs } from './work-timeout.js';

/** What a global transaction came to. */
export type GlobalTransactionResult<T> =
  /** Every branch is committed, or will be without anyone's help. */
  | { readonly status: 'COMMITTED'; readonly xid: string; readonly value: T }
  /** Every branch is rolled back, or will be without anyone's help. `cause`: why, in most cases what the work threw. */
  | { readonly status: 'ROLLED_BACK'; readonly xid: string; readonly cause: unknown }
  /** One or the other, and nobody can say yet which; or the coordinator has given up, and a person must end the branches. */
  | { readonly status: 'UNKNOWN'; readonly xid: string; readonly cause: unknown };

/** What a global transaction is begun with. */
export interface GlobalTransactionOptions {
  /** What the coordinator and messages call it. Of @GlobalTransactional: @default Class.method */
  readonly name: string;
  /** After how long the coordinator rolls it back, in ms: 1000 to 3 600 000. The work has a little less. @default the option `globalTimeoutMs` */
  readonly timeoutMs?: number;
}

/** The bounds of global transactions. */
export interface GlobalTransactionLimits {
  readonly callTimeoutMs: number;
  readonly globalTimeoutMs: number;
}

type Worked<T> = { readonly value: T } | { readonly cause: unknown };

/** Begins global transactions, and ends them when their work has returned. */
@Injectable()
export class GlobalTransactions {
  private readonly logger = new Logger(GlobalTransactions.name);

  constructor(
    private readonly client: CoordinatorClient,
    private readonly ending: GlobalTransactionEnding,
    private readonly decision: Pick<CommitDecision, 'prepare'>,
    private readonly faults: FaultInjector,
    private readonly limits: GlobalTransactionLimits,
    private readonly counters = new SeataCounters(),
  ) {}

  /**
   * Runs `work` in a global transaction, which is committed when it returns and rolled back when it throws. What the work
   * changes outside of branches is not undone. Every branch must be awaited: one that still runs when the work returns is not
   * committed, and rolls back the others. So does one that failed, also when the work has caught its error.
   * @throws CoordinatorUnavailableError, CoordinatorRefusedError, MalformedFrameError, MessageNotEncodableError: it did not
   * begin, and `work` was not called
   * @throws InvalidArgumentError when `timeoutMs` is out of its range
   * @throws NestedGlobalTransactionError inside another one
   */
  async run<T>(
    work: (context: GlobalTransactionContext) => Promise<T>,
    options: GlobalTransactionOptions,
  ): Promise<GlobalTransactionResult<T>> {
    const { name, timeoutMs = this.limits.globalTimeoutMs } = options;
    const outer = currentGlobalTransaction();
    if (outer) throw new NestedGlobalTransactionError(outer.xid, name);
    const { min, max } = GLOBAL_TIMEOUT_RANGE;
    if (!Number.isInteger(timeoutMs) || timeoutMs < min || timeoutMs > max) {
      throw new InvalidArgumentError(
        'timeoutMs',
        timeoutMs,
        `it must be a whole number from ${min} to ${max}.`,
      );
    }
    // Before the coordinator's own clock starts, so that it ends before that one does.
    const deadline = Deadline.in(workTimeoutMs(timeoutMs));
    const transaction = new OpenGlobalTransaction(await this.begin(name, timeoutMs), 'INITIATOR', deadline);
    const worked = await this.workIn(transaction, work, { name, timeoutMs });
    const result =
      'value' in worked
        ? await this.commit(transaction, worked.value)
        : await this.rollBack<T>(transaction, worked.cause, name);
    this.counters.ended(result.status);
    return result;
  }

  private async begin(name: string, timeoutMs: number): Promise<string> {
    const deadline = Deadline.in(this.limits.callTimeoutMs);
    try {
      const xid = await this.client.begin(name, timeoutMs, deadline);
      await this.decision.prepare(xid, deadline);
      return xid;
    } catch (cause) {
      this.counters.ended('NOT_BEGUN');
      // A transaction that was begun all the same has no branch that changes anything, and ends by its timeout.
      if (cause instanceof CoordinatorTimeoutError) {
        throw new CoordinatorUnavailableError('Begin', `${cause.reason}, so no branch was begun`, { cause });
      }
      if (cause instanceof GlobalTransactionOverError) {
        throw new CoordinatorUnavailableError('Begin', 'it does not know what it has just begun', { cause });
      }
      throw cause;
    }
  }

  /** Never throws. */
  private async workIn<T>(
    transaction: OpenGlobalTransaction,
    work: (context: GlobalTransactionContext) => Promise<T>,
    { name, timeoutMs }: Required<GlobalTransactionOptions>,
  ): Promise<Worked<T>> {
    const { xid, deadline } = transaction;
    const tooLate = (): Error => new GlobalTransactionDeadlineError(xid, name, timeoutMs);
    const working = async (): Promise<T> => {
      await this.faults.at('service:seata.tm.begun', { txNo: xid });
      const value = await work(transaction);
      transaction.endAfterWork(name);
      await this.faults.at('service:seata.tm.before-commit', { txNo: xid });
      return value;
    };
    try {
      const value = await withDeadline(
        withinGlobalTransaction(transaction, working),
        deadline.remainingMs(),
        tooLate,
      );
      return deadline.hasPassed() ? { cause: tooLate() } : { value };
    } catch (cause) {
      return { cause };
    }
  }

  private async commit<T>(transaction: OpenGlobalTransaction, value: T): Promise<GlobalTransactionResult<T>> {
    const { xid } = transaction;
    const ended = await this.ending.end('Commit', transaction);
    switch (ended.outcome) {
      case 'COMMITTED':
        return { status: 'COMMITTED', xid, value };
      case 'ROLLED_BACK':
        return { status: 'ROLLED_BACK', xid, cause: new GlobalTransactionRolledBackError(xid) };
      case 'UNKNOWN':
        return this.unknown(transaction, ended);
    }
  }

  private async rollBack<T>(
    transaction: OpenGlobalTransaction,
    cause: unknown,
    name: string,
  ): Promise<GlobalTransactionResult<T>> {
    const { xid, deadline } = transaction;
    // What runs beside the failed part ends first, if it does so soon: a branch that is rolled back while it commits is not
    // wrong, but may cost the coordinator a retry.
    if (transaction.end() > 0) await transaction.branchesEnded(deadline.atMost(this.limits.callTimeoutMs));
    await withDeadline(
      this.faults.at('service:seata.tm.before-rollback', { txNo: xid }),
      this.limits.callTimeoutMs,
      () => new Error('the fault goes on'),
    ).catch(() => undefined);
    const ended = await this.ending.end('Rollback', transaction);
    switch (ended.outcome) {
      case 'ROLLED_BACK':
        return { status: 'ROLLED_BACK', xid, cause };
      case 'COMMITTED':
        this.logger.error({
          message: `${name} was to be rolled back, but is committed: who else ended it?`,
          xid,
        });
        return this.unknown(transaction, ended, cause);
      case 'UNKNOWN':
        return this.unknown(transaction, ended, cause);
    }
  }

  private unknown<T>(
    { xid }: OpenGlobalTransaction,
    { status, cause: noAnswer }: Ended,
    workFailed?: unknown,
  ): GlobalTransactionResult<T> {
    this.logger.warn({
      message: 'the outcome of a global transaction is not known yet',
      ...{ xid, coordinator: status ?? String(noAnswer) },
    });
    return {
      status: 'UNKNOWN',
      xid,
      cause: workFailed ?? noAnswer ?? new Error(`the coordinator answered ${status}`),
    };
  }
}
