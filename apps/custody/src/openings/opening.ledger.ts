import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CustodyRefusal, type CustodyRequestContents, type CustodyResultMessage } from '@txmsg/contracts';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import type { OpeningDocument } from './opening.document.js';

/** A request whose row is locked. */
export interface LockedOpening {
  readonly status: OpeningDocument['status'];
  /** For how long it has been there, by the database's clock. */
  readonly ageMs: number;
}

const COLUMNS = `request_no AS requestNo, user_id AS userId, name, status,
  custody_account_no AS custodyAccountNo, reason`;
const ACCOUNT_NUMBERS = 100_000_000_000_000;

/** The rows of requests and accounts, in the caller's transaction: the request's first, then the account's. */
@Injectable()
export class OpeningLedger {
  /** Without a lock. */
  async find(requestNo: string, manager: EntityManager): Promise<OpeningDocument | undefined> {
    const sql = `SELECT ${COLUMNS} FROM custody_request WHERE request_no = ?`;
    const [row] = await manager.query<OpeningDocument[]>(sql, [requestNo]);
    return row;
  }

  /**
   * Once no transaction holds it any more: a plain read would not see a row that is being committed right now, and "no row"
   * would be a guess.
   */
  async findCommitted(requestNo: string, manager: EntityManager): Promise<OpeningDocument | undefined> {
    const sql = `SELECT ${COLUMNS} FROM custody_request WHERE request_no = ? FOR SHARE`;
    const [row] = await manager.query<OpeningDocument[]>(sql, [requestNo]);
    return row;
  }

  /** False when there is one with this requestNo. */
  insert({ requestNo, userId, name }: CustodyRequestContents, manager: EntityManager): Promise<boolean> {
    return insertUnlessThere(
      'INSERT INTO custody_request (request_no, user_id, name) VALUES (?, ?, ?)',
      [requestNo, userId, name],
      manager,
    );
  }

  /** @throws Error when there is no such request */
  async lock(requestNo: string, manager: EntityManager): Promise<LockedOpening> {
    const [row] = await manager.query<{ status: LockedOpening['status']; ageMs: string }[]>(
      `SELECT status, TIMESTAMPDIFF(MICROSECOND, create_time, UTC_TIMESTAMP(3)) DIV 1000 AS ageMs
       FROM custody_request WHERE request_no = ? FOR UPDATE`,
      [requestNo],
    );
    if (row === undefined) throw new Error(`There is no request "${requestNo}", though it was accepted.`);
    return { status: row.status, ageMs: Number(row.ageMs) };
  }

  /** Opens the account, or refuses it; of a request that is PROCESSING and locked. */
  async decide(
    request: CustodyRequestContents,
    manager: EntityManager,
  ): Promise<Required<CustodyResultMessage>> {
    const { requestNo } = request;
    const custodyAccountNo = await openAccount(request, manager);
    const reason = custodyAccountNo === null ? CustodyRefusal.USER_HAS_ACCOUNT : null;
    const status = custodyAccountNo === null ? 'REFUSED' : 'OPENED';
    await manager.query(
      `UPDATE custody_request SET status = ?, custody_account_no = ?, reason = ?
       WHERE request_no = ? AND status = 'PROCESSING'`,
      [status, custodyAccountNo, reason, requestNo],
    );
    return { requestNo, status, custodyAccountNo, reason };
  }
}

/** The number of the new account; null when the user has one already. */
async function openAccount(
  { requestNo, userId }: CustodyRequestContents,
  manager: EntityManager,
): Promise<string | null> {
  const custodyAccountNo = `88${String(randomInt(ACCOUNT_NUMBERS)).padStart(14, '0')}`;
  const isOpened = await insertUnlessThere(
    'INSERT INTO custody_account (user_id, custody_account_no, request_no) VALUES (?, ?, ?)',
    [userId, custodyAccountNo, requestNo],
    manager,
  );
  if (isOpened) return custodyAccountNo;
  const [account] = await manager.query<unknown[]>('SELECT 1 FROM custody_account WHERE user_id = ?', [
    userId,
  ]);
  // Not the user, but the number is there: the step is made again, with another number.
  if (account === undefined) throw new Error(`The account number ${custodyAccountNo} is already used.`);
  return null;
}

async function insertUnlessThere(
  sql: string,
  values: readonly string[],
  manager: EntityManager,
): Promise<boolean> {
  try {
    await manager.query(sql, [...values]);
    return true;
  } catch (error) {
    if (isDuplicateEntry(error)) return false;
    throw error;
  }
}
