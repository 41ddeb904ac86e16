import { Injectable } from '@nestjs/common';
import { ProblemCode, reviewTxNoOf } from '@txmsg/contracts';
import { BoundedRead, ProblemException } from '@txmsg/service';
import { MoreThan } from 'typeorm';
import { BidEntity } from './bid.entity.js';
import { projectDocument, type BidPage, type ProjectDocument } from './project.document.js';
import { ProjectEntity } from './project.entity.js';

/** Shows projects and their bids. */
@Injectable()
export class ProjectReader {
  constructor(private readonly read: BoundedRead) {}

  /** @throws ProblemException PROJECT_NOT_FOUND */
  async find(projectId: string): Promise<ProjectDocument> {
    const project = await this.read.run((manager) => manager.findOneBy(ProjectEntity, { projectId }));
    if (project) return projectDocument(project);
    throw noSuchProject(projectId);
  }

  /** Continues after a key instead of counting rows: new bids do not shift the pages. @throws ProblemException PROJECT_NOT_FOUND */
  async bids(projectId: string, after: string | undefined, size: number): Promise<BidPage> {
    const rows = await this.read.run(async (manager) => {
      if (!(await manager.existsBy(ProjectEntity, { projectId }))) throw noSuchProject(projectId);
      return manager.find(BidEntity, {
        where: { projectId, ...(after === undefined ? {} : { investorNo: MoreThan(after) }) },
        order: { investorNo: 'ASC' },
        take: size + 1,
      });
    });
    const items = rows.slice(0, size).map(({ investorNo, amount }) => ({ investorNo, amount }));
    return { projectId, items, next: rows.length > size ? (items.at(-1)?.investorNo ?? null) : null };
  }
}

export function noSuchProject(projectId: string): ProblemException {
  const detail = `There is no project "${projectId}".`;
  return new ProblemException(ProblemCode.PROJECT_NOT_FOUND, detail, { txNo: reviewTxNoOf(projectId) });
}
