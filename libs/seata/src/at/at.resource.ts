import { Inject, Injectable } from '@nestjs/common';
import { DatabaseTransactions, type Deadline } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { Branch, BranchResource, PhaseTwoAnswer } from '../rm/branch.js';
import type { AtSettings } from './at.options.js';
import { AT_SETTINGS } from './at.tokens.js';
import { BranchRollback } from './phase-two/branch.rollback.js';
import { MarkerPurge } from './phase-two/marker.purge.js';
import { UndoLogDeletions } from './phase-two/undo-log.deletions.js';
import { loadSqlParser } from './sql/sql-parser.js';

/** Phase two of the AT branches in this service's database, those of Java services too. */
@Injectable()
export class AtResource implements BranchResource {
  readonly branchType = 'AT';
  readonly resourceId: string;
  private readonly deletions: UndoLogDeletions;
  private readonly rollbacks: BranchRollback;
  private readonly markers: MarkerPurge;

  constructor(
    transactions: DatabaseTransactions,
    faults: FaultInjector,
    @Inject(AT_SETTINGS) settings: AtSettings,
  ) {
    this.resourceId = settings.resourceId;
    this.deletions = new UndoLogDeletions(transactions, faults, settings);
    this.rollbacks = new BranchRollback(transactions, settings.javaTimeZone, faults, UNDO_ROWS_MAX);
    this.markers = new MarkerPurge(transactions, settings);
  }

  /** Loads the parser of statements and begins to purge. Must have ended before the first AT transaction. */
  async start(): Promise<void> {
    await loadSqlParser();
    this.markers.start();
  }

  stop(timeoutMs: number): Promise<void> {
    return this.markers.stop(timeoutMs);
  }

  async commit(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    await this.deletions.delete(branch, deadline);
    return 'DONE';
  }

  rollback(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    return this.rollbacks.rollback(branch, deadline);
  }

  /** Markers alone, by the service's own retention, whatever the coordinator asks for: undo logs are of branches that are still open. */
  purge(): Promise<void> {
    return this.markers.purge();
  }
}

/** Java bounds no image. */
const UNDO_ROWS_MAX = 100_000;
