import { Injectable } from '@nestjs/common';
import type { CustodyRequestContents, CustodyResultMessage } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import { UserSettings } from '../user-settings.js';
import type { CustodyRequest } from './custody-request.js';

/**
 * What a result did.
 * - `ENDED`: the request was open and has ended now.
 * - `UNCHANGED`: it had ended in this way before.
 * - `CONTRADICTED`: it had ended in another way, which stands.
 * - `NOT_OURS`: there is no such request here; nothing was changed.
 */
export type ResultEffect = 'ENDED' | 'UNCHANGED' | 'CONTRADICTED' | 'NOT_OURS';

const COLUMNS = `request_no AS requestNo, user_id AS userId, name, state,
  custody_account_no AS custodyAccountNo, reason`;

/**
 * The rows of requests, in the caller's transaction. A request ends once, whoever tells it first: the webhook, custody's answer
 * to the request itself, or its answer to a question.
 */
@Injectable()
export class CustodyRequestLedger {
  constructor(private readonly settings: UserSettings) {}

  async insert({ requestNo, userId, name }: CustodyRequestContents, manager: EntityManager): Promise<void> {
    const [firstPauseMs = 0] = this.settings.custodyAskLadderMs;
    await manager.query(
      `INSERT INTO custody_request (request_no, user_id, name, next_check_at)
       VALUES (?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)`,
      [requestNo, userId, name, firstPauseMs * 1000],
    );
  }

  /** Once no transaction holds it any more; undefined when there is none. */
  async findCommitted(requestNo: string, manager: EntityManager): Promise<CustodyRequest | undefined> {
    const sql = `SELECT ${COLUMNS} FROM custody_request WHERE request_no = ? FOR SHARE`;
    const [row] = await manager.query<CustodyRequest[]>(sql, [requestNo]);
    return row;
  }

  /** The latest one of a user: those before it were refused. */
  async latestOf(userId: string, manager: EntityManager): Promise<CustodyRequest | undefined> {
    const [row] = await manager.query<CustodyRequest[]>(
      `SELECT ${COLUMNS} FROM custody_request WHERE user_id = ?
       ORDER BY state = 'REFUSED', create_time DESC, request_no LIMIT 1`,
      [userId],
    );
    return row;
  }

  /** Custody has it; what became of it is still to be heard. */
  async markRequested(requestNo: string, manager: EntityManager): Promise<void> {
    await manager.query(
      "UPDATE custody_request SET state = 'REQUESTED' WHERE request_no = ? AND state = 'NEW'",
      [requestNo],
    );
  }

  /** The next question comes after the next pause of the ladder. */
  async countCheck(requestNo: string, manager: EntityManager): Promise<void> {
    await manager.query(
      'UPDATE custody_request SET checks = checks + 1 WHERE request_no = ? AND next_check_at IS NOT NULL',
      [requestNo],
    );
  }

  async conclude(result: CustodyResultMessage, manager: EntityManager): Promise<ResultEffect> {
    const { requestNo, status } = result;
    const sql = `SELECT ${COLUMNS} FROM custody_request WHERE request_no = ? FOR UPDATE`;
    const [row] = await manager.query<CustodyRequest[]>(sql, [requestNo]);
    if (row === undefined) return 'NOT_OURS';
    const custodyAccountNo = status === 'OPENED' ? (result.custodyAccountNo ?? null) : null;
    if (row.state === 'OPENED' || row.state === 'REFUSED') {
      const isSame = row.state === status && row.custodyAccountNo === custodyAccountNo;
      return isSame ? 'UNCHANGED' : 'CONTRADICTED';
    }
    await manager.query(
      `UPDATE custody_request SET state = ?, custody_account_no = ?, reason = ?, next_check_at = NULL
       WHERE request_no = ? AND state IN ('NEW', 'REQUESTED')`,
      [status, custodyAccountNo, result.reason ?? null, requestNo],
    );
    return 'ENDED';
  }
}
