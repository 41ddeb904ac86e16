import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Deadline, type DatabaseTransactions } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import type { PhaseTwoAnswer } from '../../rm/branch.js';
import { BranchRollback } from './branch.rollback.js';

interface Row {
  readonly branch_id: string;
  readonly context: string;
  readonly rollback_info: Buffer;
  log_status: number;
}

const XID = 'h:1:1';

/** The rows of one global transaction. What a failed transaction has done is undone. */
class UndoLogTable {
  rows: Row[] = [];
  /** The branches that were rolled back, in this order. */
  readonly undone: string[] = [];
  /** Called when a transaction begins. */
  begun: () => void = () => undefined;

  add(branchId: number, { isDamaged = false, log_status = 0, context = '' } = {}): void {
    const log = `{"xid":"${XID}","branchId":${branchId},"sqlUndoLogs":["java.util.ArrayList",[]]}`;
    const rollback_info = Buffer.from(isDamaged ? 'damaged' : log);
    this.rows.push({ branch_id: String(branchId), context, rollback_info, log_status });
  }

  get transactions(): DatabaseTransactions {
    const manager = { query: (sql: string, parameters: string[]) => this.query(sql, parameters) };
    return {
      autocommit: (_timeoutMs: number, work: (entityManager: unknown) => unknown) => work(manager),
      run: async (work: (context: unknown) => Promise<{ value: unknown }>) => {
        const before = this.rows.map((row) => ({ ...row }));
        try {
          this.begun();
          return (await work({ entityManager: manager })).value;
        } catch (error) {
          this.rows = before;
          throw error;
        }
      },
    } as unknown as DatabaseTransactions;
  }

  private query(sql: string, parameters: string[]): Promise<unknown> {
    if (sql.startsWith('SELECT')) return Promise.resolve([...this.rows]);
    if (sql.startsWith('INSERT')) this.add(Number(parameters[0]), { log_status: 1 });
    else {
      const branchId = parameters.at(-1) ?? '';
      const row = this.rows.find(({ branch_id }) => branch_id === branchId);
      if (row !== undefined) row.log_status = 1;
      this.undone.push(branchId);
    }
    return Promise.resolve({});
  }
}

describe('the rollback of branches', () => {
  let table: UndoLogTable;
  let rollbacks: BranchRollback;
  const errors: unknown[] = [];

  const rollback = (branchId: number): Promise<PhaseTwoAnswer> => {
    const branch = { xid: XID, branchId: BigInt(branchId), branchType: 'AT', applicationData: '' } as const;
    return rollbacks.rollback({ ...branch, resourceId: 'db' }, Deadline.in(5000));
  };

  beforeEach(() => {
    errors.length = 0;
    jest.spyOn(Logger.prototype, 'error').mockImplementation((entry) => void errors.push(entry));
    table = new UndoLogTable();
    rollbacks = new BranchRollback(table.transactions, 'UTC', new NoFaults(), 10);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('takes back all of a global transaction, the latest first, each in a transaction of its own', async () => {
    for (const branchId of [2, 3, 1]) table.add(branchId);
    let transactions = 0;
    table.begun = () => (transactions += 1);
    expect(await rollback(1)).toBe('DONE');
    expect(table.undone).toEqual(['3', '2', '1']);
    expect(transactions).toBe(3);
    expect(await rollback(2)).toBe('DONE');
    expect(transactions).toBe(3);
  });

  it('goes on where the request before has failed', async () => {
    for (const branchId of [1, 2, 3]) table.add(branchId);
    let transactions = 0;
    table.begun = () => {
      transactions += 1;
      if (transactions === 2) throw new Error('the database is away');
    };
    await expect(rollback(1)).rejects.toThrow('away');
    expect(table.rows.map(({ log_status }) => log_status)).toEqual([0, 0, 1]);
    expect(await rollback(1)).toBe('DONE');
    expect(table.undone).toEqual(['3', '2', '1']);
  });

  it('leaves a marker for a branch that has not come', async () => {
    table.add(1);
    expect(await rollback(2)).toBe('DONE');
    expect(table.rows.map(({ branch_id, log_status }) => [branch_id, log_status])).toEqual([
      ['1', 1],
      ['2', 1],
    ]);
  });

  it('says DONE of a branch that is rolled back, and NEVER of an earlier one that cannot be', async () => {
    table.add(1, { isDamaged: true });
    table.add(2);
    expect(await rollback(2)).toBe('DONE');
    expect(await rollback(1)).toBe('NEVER');
  });

  it('rolls back no branch before a later one that cannot be rolled back', async () => {
    table.add(1);
    table.add(2, { isDamaged: true });
    expect(await rollback(1)).toBe('NEVER');
    expect(table.undone).toEqual([]);
  });

  describe("with an undo log of Java's own format", () => {
    const context = 'serializer=kryo';

    it('ends no branch before a later one that Java must take back, and says so once', async () => {
      table.add(2, { context });
      expect(await rollback(1)).toBe('RETRY');
      expect(table.rows.map(({ branch_id, log_status }) => [branch_id, log_status])).toEqual([
        ['2', 0],
        ['1', 1],
      ]);
      expect(await rollback(1)).toBe('RETRY');
      expect(errors).toHaveLength(1);
      for (const row of table.rows) row.log_status = 1;
      expect(await rollback(1)).toBe('DONE');
    });

    it('ends the branches after it, so that a coordinator which asks for the latest first comes to it', async () => {
      for (const branchId of [1, 3]) table.add(branchId);
      table.add(2, { context });
      expect(await rollback(3)).toBe('DONE');
      expect(table.undone).toEqual(['3']);
      expect(await rollback(2)).toBe('RETRY');
      expect(await rollback(1)).toBe('RETRY');
    });
  });

  it('takes back none when a later branch has come meanwhile, until it is asked again', async () => {
    table.add(1);
    table.begun = () => {
      table.begun = () => undefined;
      table.add(2);
    };
    await expect(rollback(1)).rejects.toThrow(/not those that were read/);
    table.add(2);
    expect(await rollback(1)).toBe('DONE');
    expect(table.undone).toEqual(['2', '1']);
  });
});
