import { Injectable } from '@nestjs/common';
import { BoundedRead } from '@txmsg/service';
import { OpenRowEnds } from '@txmsg/service/seata';
import { DatabaseTransactions } from 'txmsg';
import { UserSettings } from '../user-settings.js';
import { accountRegistrationRows } from './account-registration.rows.js';

/** Ends registrations whose process stopped before anything took effect, and gives their names back. */
@Injectable()
export class AccountRegistrationEnds extends OpenRowEnds {
  constructor(transactions: DatabaseTransactions, read: BoundedRead, settings: UserSettings) {
    const { registrationEndIntervalMs: intervalMs } = settings;
    super({ transactions, read, rows: accountRegistrationRows, intervalMs, what: 'registration' }, settings);
  }
}
