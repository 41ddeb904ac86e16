import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { GlobalTransactions, type GlobalTransactionContext } from '@txmsg/seata';
import {
  BoundedRead,
  nothingDone,
  ProblemException,
  txNoConflict,
  TxNoInsert,
  type SendAnswer,
} from '@txmsg/service';
import { hasNotBegun, rollBackUnlessTried, rolledBack, RowNotOpenedError } from '@txmsg/service/seata';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { isLockConflict } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import {
  AccountRegistrationRefusedError,
  type AccountRegistration,
  type AccountRegistrationOrder,
  type NewUserAccount,
} from './account-registration.js';
import { AccountRegistrationBranches } from './account-registration.branches.js';
import { accountRegistrationRows, isSameRegistration, type Begun } from './account-registration.rows.js';

/** What became of a registration, unless it is a problem. */
export interface AccountRegistrationReceipt extends NewUserAccount {
  readonly state: 'COMMITTED';
}
export type AccountRegistrationAnswer = SendAnswer<AccountRegistrationReceipt> & {
  readonly body: AccountRegistrationReceipt | { readonly txNo: string; readonly state: 'UNKNOWN' };
};

const BEGIN_TIMEOUT_MS = 5000;
/** Two that wait for one name may be the victims of a deadlock when a third gives it up. */
const BEGIN_ROUNDS_MAX = 3;
const WHAT = 'registration';

type NotBegun = Exclude<Begun['kind'], 'BEGUN'>;

/** Nothing was done under this global transaction. */
class NotBegunError extends Error {
  constructor(readonly found: NotBegun) {
    super('the registration was asked for before, or its name is already used');
  }
}

/** Makes a user and their login account, both or neither. Any call may be repeated with its txNo: there is one user. */
@Injectable()
export class AccountRegistrationService {
  private readonly logger = new Logger(AccountRegistrationService.name);

  constructor(
    private readonly global: GlobalTransactions,
    private readonly transactions: DatabaseTransactions,
    private readonly read: BoundedRead,
    private readonly branches: AccountRegistrationBranches,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async register(order: AccountRegistrationOrder, password: string): Promise<AccountRegistrationAnswer> {
    const { txNo } = order;
    const result = await this.run(order, password);
    switch (result.status) {
      case 'COMMITTED':
        await this.faults.at('service:account-registration.ended', { txNo });
        return { kind: 'FIRST', body: { ...result.value, state: 'COMMITTED' } };
      case 'UNKNOWN':
        this.logger.warn(`The outcome of a registration is not known yet: ${String(result.cause)}.`, {
          txNo,
          xid: result.xid,
        });
        return unknown(txNo);
      case 'ROLLED_BACK':
        if (result.cause instanceof NotBegunError) return this.existing(order, result.cause.found);
        await this.endRolledBack(txNo, result.xid);
        if (result.cause instanceof RowNotOpenedError) throw nothingDone({ txNo, what: WHAT }, result.cause);
        throw problemOf(order, result.cause);
    }
  }

  private async run(order: AccountRegistrationOrder, password: string) {
    try {
      return await this.global.run((context) => this.work(order, password, context), {
        name: `registration-${order.pattern}`,
      });
    } catch (error) {
      if (hasNotBegun(error)) throw nothingDone({ txNo: order.txNo, what: WHAT }, error);
      throw error;
    }
  }

  private async work(
    order: AccountRegistrationOrder,
    password: string,
    { xid, deadline }: GlobalTransactionContext,
  ): Promise<NewUserAccount> {
    const { txNo } = order;
    const user = await this.begin(order, xid, deadline.atMost(BEGIN_TIMEOUT_MS));
    await this.faults.at('service:account-registration.begun', { txNo });
    await this.branches.makeUser(user, xid);
    await this.faults.at('service:account-registration.user-made', { txNo });
    await this.branches.makeAccount(user, password);
    await this.faults.at('service:account-registration.account-made', { txNo });
    return user;
  }

  /** @throws NotBegunError, RowNotOpenedError */
  private async begin(
    order: AccountRegistrationOrder,
    xid: string,
    deadline: Deadline,
  ): Promise<NewUserAccount> {
    const user: NewUserAccount = { ...order, userId: randomUUID() };
    const inserting = new TxNoInsert();
    for (let round = 1; ; round++) {
      try {
        const begun = await this.transactions.run<Begun>(
          async ({ entityManager }) => ({
            decision: 'COMMIT',
            value: await inserting.run(() => accountRegistrationRows.begin(entityManager, user, xid)),
          }),
          { deadline, txNos: [order.txNo] },
        );
        if (begun.kind === 'BEGUN') return { ...user, userId: begun.userId };
        throw new NotBegunError(begun.kind);
      } catch (error) {
        if (error instanceof NotBegunError) throw error;
        if (isLockConflict(error) && round < BEGIN_ROUNDS_MAX && !deadline.hasPassed()) continue;
        // Another call works on the row: that one, and not this, may make the registration.
        if (inserting.mayHaveWaited(error)) throw new NotBegunError('EXISTS');
        throw new RowNotOpenedError(WHAT, error);
      }
    }
  }

  /** The row of an earlier call says what became of it. */
  private async existing(
    order: AccountRegistrationOrder,
    found: NotBegun,
  ): Promise<AccountRegistrationAnswer> {
    const { txNo, name } = order;
    if (found === 'NAME_TAKEN') {
      const detail = `Another user has the name "${name}", or may get it by a registration that is still open.`;
      throw new ProblemException(ProblemCode.NAME_TAKEN, detail, { txNo });
    }
    if (found === 'CONFLICT') throw txNoConflict({ txNo, what: WHAT });
    const row = await this.find(txNo);
    // A row that was locked has not been compared with the order yet.
    if (row !== undefined && !isSameRegistration(row, order)) throw txNoConflict({ txNo, what: WHAT });
    if (row?.state === 'COMMITTED') {
      return { kind: 'REPEATED', body: { ...order, userId: row.userId, state: 'COMMITTED' } };
    }
    if (row?.state === 'ROLLED_BACK') throw problemOf(order, undefined);
    return unknown(txNo);
  }

  /** Undefined also when the row cannot be read now: the answer is UNKNOWN then, and not 503, which would say that nothing was done. */
  private async find(txNo: string): Promise<AccountRegistration | undefined> {
    try {
      return await this.read.run((manager) => accountRegistrationRows.find(manager, txNo));
    } catch (error) {
      this.logger.warn(`The row of a registration could not be read: ${String(error)}`, { txNo });
      return undefined;
    }
  }

  /** A branch that had taken effect has done it by its phase two; `AccountRegistrationEnds` does it when this fails. */
  private async endRolledBack(txNo: string, xid: string): Promise<void> {
    try {
      await rollBackUnlessTried(this.transactions, accountRegistrationRows, { txNo, xid });
    } catch (error) {
      this.logger.warn(`A registration that was rolled back is still open here: ${String(error)}`, {
        txNo,
        xid,
      });
    }
  }
}

function unknown(txNo: string): AccountRegistrationAnswer {
  return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
}

/** A refusal by its own code; anything else that ended the registration as ROLLED_BACK. */
function problemOf({ txNo }: AccountRegistrationOrder, cause: unknown): ProblemException {
  if (cause instanceof AccountRegistrationRefusedError)
    return new ProblemException(cause.code, cause.message, { txNo });
  return rolledBack({ txNo, what: WHAT, place: 'both services' }, cause);
}
