import { Injectable } from '@nestjs/common';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';

/** The points of one registration. */
export interface Grant {
  readonly txNo: string;
  readonly userId: string;
  readonly points: number;
}

/**
 * Adds points in `points_grant` and the user's account, in the caller's transaction. The grant comes first and the account
 * second: that is the lock order of every transaction here, and the grant, which is never deleted, stops a registration
 * whose barrier row was deleted after its retention.
 */
@Injectable()
export class PointsLedger {
  /** False when the txNo has a grant already: nothing was done. */
  async grant({ txNo, userId, points }: Grant, manager: EntityManager): Promise<boolean> {
    if (!(await insertUnlessThere({ txNo, userId, points }, manager))) return false;
    await manager.query(
      `INSERT INTO points_account (user_id, points) VALUES (?, ?) AS granted
       ON DUPLICATE KEY UPDATE points = points_account.points + granted.points`,
      [userId, points],
    );
    return true;
  }

  /** Who got the points of this registration; undefined when nobody has. */
  async granteeOf(txNo: string, manager: EntityManager): Promise<string | undefined> {
    const [row] = await manager.query<{ userId: string }[]>(
      'SELECT user_id AS userId FROM points_grant WHERE tx_no = ?',
      [txNo],
    );
    return row?.userId;
  }
}

async function insertUnlessThere({ txNo, userId, points }: Grant, manager: EntityManager): Promise<boolean> {
  try {
    await manager.query('INSERT INTO points_grant (tx_no, user_id, points) VALUES (?, ?, ?)', [
      txNo,
      userId,
      points,
    ]);
    return true;
  } catch (error) {
    if (isDuplicateEntry(error)) return false;
    throw error;
  }
}
