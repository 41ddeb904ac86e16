import { Injectable } from '@nestjs/common';
import { toAmount, toCents, type ReviewContents } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import type { Bid } from './bids.client.js';
import { instalmentsOf } from './instalments.js';
import { PlanEntity } from './plan.entity.js';

export interface PlanContents extends ReviewContents {
  readonly txNo: string;
}

/** Why a plan cannot be made. */
export type PlanFailure = 'PROJECT_NOT_FOUND' | 'BIDS_DO_NOT_ADD_UP';

/** The rows of plans, in the caller's transaction. The plan's row comes after the job's, and before the instalments. */
@Injectable()
export class PlanLedger {
  find(projectId: string, manager: EntityManager): Promise<PlanEntity | null> {
    return manager.findOneBy(PlanEntity, { projectId });
  }

  async insert(plan: PlanContents, manager: EntityManager): Promise<void> {
    const { projectId, txNo, amount, bidCount, terms, annualRate } = plan;
    await manager.query(
      `INSERT INTO repayment_plan (project_id, tx_no, amount, bid_count, terms, annual_rate)
       VALUES (?, ?, CAST(? AS DECIMAL(19,2)), ?, ?, CAST(? AS DECIMAL(5,2)))`,
      [projectId, txNo, amount, bidCount, terms, annualRate],
    );
  }

  /** The instalments of these bids; how many there are, and their sums, are added to the plan. */
  async add(plan: ReviewContents, bids: readonly Bid[], manager: EntityManager): Promise<void> {
    if (bids.length === 0) return;
    const { projectId, terms, annualRate } = plan;
    const rows = bids.flatMap(({ investorNo, amount }) =>
      instalmentsOf(amount, terms, annualRate).map((one, index) => ({ ...one, investorNo, no: index + 1 })),
    );
    const sum = (of: 'principal' | 'interest'): string =>
      toAmount(rows.reduce((cents, row) => cents + toCents(row[of]), 0n));
    await manager.query(
      `UPDATE repayment_plan SET investors_made = investors_made + ?, instalments_made = instalments_made + ?,
         principal_made = principal_made + CAST(? AS DECIMAL(19,2)),
         interest_made = interest_made + CAST(? AS DECIMAL(19,2))
       WHERE project_id = ?`,
      [bids.length, rows.length, sum('principal'), sum('interest'), projectId],
    );
    await manager.query(
      `INSERT INTO repayment_instalment (project_id, investor_no, instalment_no, principal, interest)
       VALUES ${rows.map(() => '(?, ?, ?, CAST(? AS DECIMAL(19,2)), CAST(? AS DECIMAL(19,2)))').join(', ')}`,
      rows.flatMap(({ investorNo, no, principal, interest }) => [
        projectId,
        investorNo,
        no,
        principal,
        interest,
      ]),
    );
  }

  /** READY when the bids that were read are those that were approved: their number, and their amount. */
  async end(projectId: string, manager: EntityManager): Promise<void> {
    const failure: PlanFailure = 'BIDS_DO_NOT_ADD_UP';
    await manager.query(
      `UPDATE repayment_plan SET
         reason = IF(investors_made = bid_count AND principal_made = amount, NULL, ?),
         state = IF(investors_made = bid_count AND principal_made = amount, 'READY', 'FAILED')
       WHERE project_id = ?`,
      [failure, projectId],
    );
  }

  async fail(projectId: string, reason: PlanFailure, manager: EntityManager): Promise<void> {
    await manager.query("UPDATE repayment_plan SET state = 'FAILED', reason = ? WHERE project_id = ?", [
      reason,
      projectId,
    ]);
  }
}
