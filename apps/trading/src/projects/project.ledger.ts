import { Injectable } from '@nestjs/common';
import { normalizeAmount, toAmount, toCents } from '@txmsg/contracts';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { projectDocument, type ProjectDocument } from './project.document.js';
import { ProjectEntity } from './project.entity.js';
import type { BidRequest, ProjectRequest } from './project.request.js';

export type NewProject = Pick<ProjectRequest, 'projectId' | 'amount' | 'terms' | 'annualRate'>;

/** Why nothing was changed. */
export type ProjectRefusal = 'CONFLICT' | 'NO_SUCH_PROJECT' | 'CLOSED' | 'TOO_MUCH';

/** `REPEATED`: it is there already, with the same contents. The project is shown with its bids, as it is after the call. */
export type ProjectOutcome =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly project: ProjectDocument }
  | { readonly kind: ProjectRefusal };

const TIMEOUT_MS = 5000;
type Bid = Pick<BidRequest, 'investorNo' | 'amount'>;

/** Makes projects and takes bids. Both may be repeated: what is there already is not made again. */
@Injectable()
export class ProjectLedger {
  constructor(private readonly transactions: DatabaseTransactions) {}

  create(project: NewProject): Promise<ProjectOutcome> {
    const wanted = { ...project, amount: normalizeAmount(project.amount) ?? project.amount };
    const { projectId } = wanted;
    return this.run(projectId, async (manager) => {
      try {
        await manager.query(
          `INSERT INTO project (project_id, amount, terms, annual_rate)
           VALUES (?, CAST(? AS DECIMAL(19,2)), ?, CAST(? AS DECIMAL(5,2)))`,
          [projectId, wanted.amount, wanted.terms, wanted.annualRate],
        );
        return 'FIRST';
      } catch (error) {
        if (!isDuplicateEntry(error)) throw error;
      }
      const { amount, terms, annualRate } = await manager.findOneByOrFail(ProjectEntity, { projectId });
      const isSame = amount === wanted.amount && terms === wanted.terms && annualRate === wanted.annualRate;
      return isSame ? 'REPEATED' : 'CONFLICT';
    });
  }

  /** All of them, or none. The project is locked first, so that bids which come at once cannot exceed its amount together. */
  bid(projectId: string, requests: readonly Bid[]): Promise<ProjectOutcome> {
    const bids = requests.map(({ investorNo, amount }) => ({
      investorNo,
      amount: normalizeAmount(amount) ?? amount,
    }));
    return this.run(projectId, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const project = await manager.findOne(ProjectEntity, { where: { projectId }, lock });
      if (project === null) return 'NO_SUCH_PROJECT';
      const known = await bidsOf(manager, projectId, bids);
      if (bids.some(({ investorNo, amount }) => (known.get(investorNo) ?? amount) !== amount))
        return 'CONFLICT';
      const added = bids.filter(({ investorNo }) => !known.has(investorNo));
      if (added.length === 0) return 'REPEATED';
      if (project.status !== 'BIDDING') return 'CLOSED';
      const sum = added.reduce((cents, { amount }) => cents + toCents(amount), 0n);
      if (toCents(project.bidAmount) + sum > toCents(project.amount)) return 'TOO_MUCH';
      await add(manager, projectId, added, toAmount(sum));
      return 'FIRST';
    });
  }

  private run(
    projectId: string,
    work: (manager: EntityManager) => Promise<ProjectOutcome['kind']>,
  ): Promise<ProjectOutcome> {
    return this.transactions.run<ProjectOutcome>(
      async ({ entityManager }) => {
        const kind = await work(entityManager);
        if (kind !== 'FIRST' && kind !== 'REPEATED') return { decision: 'ROLLBACK', value: { kind } };
        // Read here: a read after the COMMIT that fails would be answered as if nothing had been done.
        const project = projectDocument(await entityManager.findOneByOrFail(ProjectEntity, { projectId }));
        return { decision: kind === 'FIRST' ? 'COMMIT' : 'ROLLBACK', value: { kind, project } };
      },
      { deadline: Deadline.in(TIMEOUT_MS) },
    );
  }
}

async function bidsOf(
  manager: EntityManager,
  projectId: string,
  bids: readonly Bid[],
): Promise<Map<string, string>> {
  const rows = await manager.query<{ investor_no: string; amount: string }[]>(
    `SELECT investor_no, amount FROM bid
     WHERE project_id = ? AND investor_no IN (${bids.map(() => '?').join(', ')})`,
    [projectId, ...bids.map(({ investorNo }) => investorNo)],
  );
  return new Map(rows.map(({ investor_no, amount }) => [investor_no, amount]));
}

async function add(
  manager: EntityManager,
  projectId: string,
  bids: readonly Bid[],
  sum: string,
): Promise<void> {
  await manager.query(
    `INSERT INTO bid (project_id, investor_no, amount)
     VALUES ${bids.map(() => '(?, ?, CAST(? AS DECIMAL(19,2)))').join(', ')}`,
    bids.flatMap(({ investorNo, amount }) => [projectId, investorNo, amount]),
  );
  await manager.query(
    `UPDATE project SET bid_amount = bid_amount + CAST(? AS DECIMAL(19,2)), bid_count = bid_count + ?
     WHERE project_id = ?`,
    [sum, bids.length, projectId],
  );
}
