import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { txNoConflict, type StoreOutcome } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import type { RegistrationReceipt, UnknownRegistration } from './registration.document.js';
import type { RegistrationFaultPoint } from './registration.fault-points.js';
import { nothingDone } from './registration.problems.js';
import { UserStore, type NewUser, type StoredUser } from './user.store.js';

/** What a caller asks for; the name is normalised. */
export interface Registration {
  readonly txNo: string;
  readonly name: string;
}

/** The result of a registration, unless it is a problem. */
export type RegistrationAnswer =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: RegistrationReceipt }
  | { readonly kind: 'UNKNOWN'; readonly body: UnknownRegistration };

const COMMITTED: RegistrationFaultPoint = 'service:registration.committed';

/** Registers users. Any call may be repeated with its txNo: there is one user, and one message about it. */
@Injectable()
export class RegistrationService {
  private readonly logger = new Logger(RegistrationService.name);

  constructor(
    private readonly store: UserStore,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async register({ txNo, name }: Registration): Promise<RegistrationAnswer> {
    const user: NewUser = { txNo, name, userId: randomUUID() };
    const outcome = await this.tryToStore(user);
    if (outcome !== 'STORED') return this.answerFromRow(user);
    await this.faults.at(COMMITTED, { txNo });
    return { kind: 'FIRST', body: receipt(user) };
  }

  private async tryToStore(user: NewUser): Promise<StoreOutcome> {
    try {
      return await this.store.store(user);
    } catch (error) {
      throw nothingDone(user.txNo, error);
    }
  }

  /**
   * When the answer to COMMIT was lost, and when another call used the txNo: the row says which. While it cannot be read, the
   * answer is UNKNOWN and not 503, which would say that nothing was done.
   */
  private async answerFromRow(user: NewUser): Promise<RegistrationAnswer> {
    const { txNo } = user;
    let row: StoredUser | undefined;
    try {
      row = await this.store.find(txNo);
    } catch (error) {
      this.logger.warn(`The outcome of a registration is not known yet: ${String(error)}`, { txNo });
      return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
    }
    if (row === undefined) throw nothingDone(txNo);
    if (row.name !== user.name || row.hasAccount) throw txNoConflict({ txNo, what: 'registration' });
    return { kind: row.userId === user.userId ? 'FIRST' : 'REPEATED', body: receipt(row) };
  }
}

function receipt({ userId, name, txNo }: NewUser): RegistrationReceipt {
  return { userId, name, txNo };
}
