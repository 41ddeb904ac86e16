import { Injectable } from '@nestjs/common';
import {
  QUERY_TIMEOUT_MS,
  readReservedAccounts,
  SnapshotConnection,
  type ReservedAccountsReading,
} from '@txmsg/bank/audit';
import { BoundedRead } from '@txmsg/service';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import type { BookedTransfer } from './transfer.verdict.js';

/** As long as its fence row says so, phase two of a try has not run. */
const IS_TRIED =
  "t.state = 'OPEN' AND t.pattern = 'TCC' AND EXISTS (SELECT 1 FROM tcc_fence_log f WHERE f.xid = t.xid AND f.status = 1)";
const IS_UNDOABLE =
  "t.state = 'COMMITTED' AND EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = t.xid AND u.log_status = 0)";

/** A debit under AT is out of the balance from phase one on, one under TCC from its try on, and reserved until confirm. */
const EFFECTS = `SELECT account_no, IF(state = 'COMMITTED' OR is_tried, 0.00 - amount, 0.00) AS balance,
    IF(is_tried, amount, 0.00) AS reserved
  FROM (SELECT t.account_no, t.amount, t.state, ${IS_TRIED} AS is_tried FROM transfer t) booked`;

/** What this bank's database says. */
@Injectable()
export class OwnBooks {
  constructor(
    private readonly read: BoundedRead,
    private readonly settings: SeataBank1Settings,
  ) {}

  /** Every account, in one snapshot. @throws AuditUnreadableError */
  async accounts(): Promise<ReservedAccountsReading> {
    const connection = await SnapshotConnection.open(this.settings.mysqlUrl, QUERY_TIMEOUT_MS);
    try {
      return await readReservedAccounts(connection, EFFECTS);
    } finally {
      connection.close();
    }
  }

  /**
   * Transfers as they are now, by txNo.
   * @param upTo - the last txNo; null: to the end
   * @throws ProblemException SERVICE_UNAVAILABLE
   */
  transfers(after: string, upTo: string | null, size: number): Promise<BookedTransfer[]> {
    return this.read.run((manager) =>
      manager.query<BookedTransfer[]>(
        `SELECT t.tx_no AS txNo, t.pattern, t.to_account_no AS toAccountNo, t.amount, t.xid,
           CASE WHEN ${IS_TRIED} THEN 'RESERVED' WHEN ${IS_UNDOABLE} THEN 'UNDOABLE' ELSE t.state END AS standing
         FROM transfer t WHERE t.tx_no > ? ${upTo === null ? '' : 'AND t.tx_no <= ?'} ORDER BY t.tx_no LIMIT ?`,
        [after, ...(upTo === null ? [] : [upTo]), size],
      ),
    );
  }
}
