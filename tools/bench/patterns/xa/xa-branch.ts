import type { EntityManager, QueryRunner } from 'typeorm';

/** One database's part of a transfer, on a connection of its own. */
export class XaBranch {
  private state: 'NEW' | 'ACTIVE' | 'ENDED' = 'NEW';
  private readonly xid: string;

  /** @param qualifier - tells the branches of one transfer apart: both databases may be on one server */
  constructor(
    private readonly runner: QueryRunner,
    txNo: string,
    qualifier: string,
  ) {
    this.xid = `'${txNo}','${qualifier}'`;
  }

  async run(work: (manager: EntityManager) => Promise<void>): Promise<void> {
    await this.runner.query(`XA START ${this.xid}`);
    this.state = 'ACTIVE';
    await work(this.runner.manager);
    await this.end();
  }

  prepare(): Promise<unknown> {
    return this.runner.query(`XA PREPARE ${this.xid}`);
  }

  commit(): Promise<unknown> {
    return this.runner.query(`XA COMMIT ${this.xid}`);
  }

  /** What has not begun needs none. */
  async rollback(): Promise<void> {
    if (this.state === 'NEW') return;
    if (this.state === 'ACTIVE') await this.end();
    await this.runner.query(`XA ROLLBACK ${this.xid}`);
  }

  release(): Promise<void> {
    return this.runner.release();
  }

  private async end(): Promise<void> {
    await this.runner.query(`XA END ${this.xid}`);
    this.state = 'ENDED';
  }
}
