import { Injectable } from '@nestjs/common';
import { BoundedRead, PeriodicWork } from '@txmsg/service';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { UserSettings } from '../user-settings.js';
import { accountRegistrationRows } from './account-registration.rows.js';

/** After its timeout, a global transaction's phase one at this service may run for so long, at the most: see session settings. */
const MARGIN_MS = 15_000;
const COUNT_MAX = 100;
const TIMEOUT_MS = 5000;

/**
 * Ends registrations whose process stopped before anything took effect, and gives their names back: nobody else would, since
 * without a branch the coordinator calls nobody. One that a try or phase one of AT has taken on is ended by that branch's
 * phase two and is left alone; a try that comes later finds the row ended, and is refused.
 */
@Injectable()
export class AccountRegistrationEnds extends PeriodicWork {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly read: BoundedRead,
    private readonly settings: UserSettings,
  ) {
    super({ intervalMs: settings.registrationEndIntervalMs }, settings);
  }

  protected async round(): Promise<void> {
    const olderThanMs = this.settings.globalTimeoutMs + MARGIN_MS;
    const open = await this.read.run((manager) =>
      accountRegistrationRows.openSince(manager, olderThanMs, COUNT_MAX),
    );
    for (const place of open) {
      if (this.isStopping) return;
      const isEnded = await this.transactions.run(
        async ({ entityManager }) => {
          const isTried = await accountRegistrationRows.isTried(entityManager, place);
          const ended = !isTried && (await accountRegistrationRows.rollBackIfOpen(entityManager, place));
          return { decision: 'COMMIT', value: ended };
        },
        { deadline: Deadline.in(TIMEOUT_MS), txNos: [place.txNo] },
      );
      if (isEnded)
        this.logger.log('a registration that took no effect before its time ended is rolled back', place);
    }
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(
      `Open registrations could not be looked through; retried in the next round: ${String(error)}`,
    );
  }
}
