import { reviewTxNoOf } from '@txmsg/contracts';
import { postJson } from '../../../e2e/kit/http.js';
import { untruthsTold, type Sent } from '../calls.js';
import { Workload, type Figure, type Violation, type WorkloadContext } from '../workload.js';

interface SentApproval extends Sent {
  readonly projectId: string;
}

interface ProjectRow {
  readonly projectId: string;
  readonly status: 'BIDDING' | 'REPAYING';
  readonly state: 'PLANNING' | 'READY' | 'FAILED' | null;
  readonly instalments: number | string;
  readonly principal: string;
}

/** They ask each other. */
export const REVIEW_SERVICES = ['repayment', 'trading'] as const;

const CALL_DEADLINE_MS = 15_000;
const INVESTORS = 40;
const TERMS = 6;
/** Does not divide by the terms. */
const BID = '100.01';
const AMOUNT = (Number(BID) * INVESTORS).toFixed(2);

/** Approvals of projects whose bids are full, of which each is followed by a plan in several steps. */
export class ReviewWorkload extends Workload<SentApproval> {
  constructor(context: WorkloadContext) {
    super({ name: 'review', what: 'approvals', services: REVIEW_SERVICES, tables: [], callers: 2 }, context);
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  protected next(sent: Sent): SentApproval {
    const projectId = sent.txNo;
    return { ...sent, projectId, txNo: reviewTxNoOf(projectId) };
  }

  protected call(one: SentApproval): Promise<number> | undefined {
    const url = this.oneOf('trading');
    return url === undefined ? undefined : this.approve(url, one);
  }

  private async approve(url: string, { projectId }: SentApproval): Promise<number> {
    await this.openProject(projectId);
    const authorization = `Bearer ${this.context.secrets.adminToken}`;
    const body = JSON.stringify({ by: 'chaos' });
    const answer = await postJson(
      `${url}/projects/${projectId}/approve`,
      body,
      { authorization },
      CALL_DEADLINE_MS,
    );
    return answer.status;
  }

  /** A project with all its bids, unless it is there. */
  private async openProject(projectId: string): Promise<void> {
    await this.databases.query(
      `INSERT IGNORE INTO tx_trading.bid (project_id, investor_no, amount) VALUES ?`,
      [Array.from({ length: INVESTORS }, (_, index) => [projectId, `i-${index}`, BID])],
    );
    await this.databases.query(
      `INSERT IGNORE INTO tx_trading.project (project_id, amount, bid_amount, bid_count, terms, annual_rate)
       VALUES ?`,
      [[[projectId, AMOUNT, AMOUNT, INVESTORS, TERMS, '6.00']]],
    );
  }

  protected async open(): Promise<number> {
    return (await this.approved()).filter(({ state }) => state === null || state === 'PLANNING').length;
  }

  protected async judgeRows(): Promise<Violation[]> {
    const approved = new Map((await this.approved()).map((row) => [row.projectId, row]));
    return [
      ...untruthsTold(this.callers.sent, ({ projectId }) => approved.has(projectId)),
      ...[...approved.values()].flatMap((row) => {
        const { projectId, state, instalments, principal } = row;
        const isWhole = Number(instalments) === INVESTORS * TERMS && principal === AMOUNT;
        if (state === 'READY' && isWhole) return [];
        const what = `the plan of ${projectId} is ${state ?? 'unknown'}, with ${instalments} instalments of ${principal}`;
        return [{ what, txNo: reviewTxNoOf(projectId) }];
      }),
    ];
  }

  protected async ends(): Promise<Figure[]> {
    const approved = await this.approved();
    return [['  of these with a plan', approved.filter(({ state }) => state === 'READY').length]];
  }

  private approved(): Promise<ProjectRow[]> {
    return this.databases.query(
      `SELECT p.project_id AS projectId, p.status, r.state, COUNT(i.project_id) AS instalments,
         CAST(COALESCE(SUM(i.principal), 0) AS CHAR) AS principal
       FROM tx_trading.project p
       LEFT JOIN tx_repayment.repayment_plan r ON r.project_id = p.project_id
       LEFT JOIN tx_repayment.repayment_instalment i ON i.project_id = p.project_id
       WHERE p.status = 'REPAYING' AND p.project_id LIKE 'review-%' GROUP BY p.project_id, p.status, r.state`,
    );
  }
}
