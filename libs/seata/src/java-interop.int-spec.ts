import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { eventually } from 'txmsg/testing';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from '../test/coordinator.js';
import { JavaPeer } from '../test/java-peer.js';
import { NodeService } from '../test/node-service.js';
import { createSeataDatabase, openSeataDatabase } from '../test/seata-database.js';

// The service in Java is built first.
jest.setTimeout(600_000);
const PATIENCE_MS = 60_000;

const TABLES = `
  CREATE TABLE account (id VARCHAR(20) PRIMARY KEY, balance DECIMAL(12, 2) NOT NULL, reserved DECIMAL(12, 2) NOT NULL DEFAULT 0,
    note VARCHAR(40), changed DATETIME(3) NULL, big BIGINT NOT NULL DEFAULT 0);
`;
const SAMPLE = "('1', '100.00', '0.00', 'größer 余额', '2026-02-28 23:59:58.123', 9007199254740993)";
const INTACT = [
  { id: '1', balance: '100.00', reserved: '0.00', note: 'größer 余额', big: '9007199254740993' },
];
const TAKE = 'UPDATE account SET balance = balance - ?, note = ? WHERE id = ?';
const ADD = 'INSERT INTO account (id, balance, big) VALUES (?, ?, ?)';
const REMOVE = 'DELETE FROM account WHERE id = ?';

const ENDS = ['commit', 'rollback'] as const;
const ANSWERS = { commit: 'Committed', rollback: 'Rollbacked' } as const;

/** One service of each language, each with a database; `shared` is a second one in Java on the database of the first. */
describe.each(coordinatorVersions())('services in Node and in Java, and a coordinator %s', (version) => {
  let coordinator: OwnCoordinator;
  let node: NodeService;
  let java: JavaPeer;
  let urls: { readonly node: string; readonly java: string };
  let nodeTables: Connection;
  let javaTables: Connection;

  const startNode = (): Promise<NodeService> =>
    NodeService.start(coordinator.server, 'interop-node', urls.node);
  const startJava = (applicationId: string, mysqlUrl: string): Promise<JavaPeer> =>
    JavaPeer.start({ version, server: coordinator.server, applicationId, mysqlUrl });

  beforeAll(async () => {
    for (const level of ['log', 'warn'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    urls = {
      node: await createSeataDatabase('interop_node', TABLES),
      java: await createSeataDatabase('interop_java', TABLES),
    };
    [nodeTables, javaTables] = [await openSeataDatabase(urls.node), await openSeataDatabase(urls.java)];
    coordinator = await ownCoordinator({ version });
    java = await startJava('interop-java', urls.java);
  });
  beforeEach(async () => {
    for (const tables of [nodeTables, javaTables]) {
      await tables.query('DELETE FROM account');
      await tables.query(`INSERT INTO account (id, balance, reserved, note, changed, big) VALUES ${SAMPLE}`);
    }
    node = await startNode();
  });
  afterEach(() => node.stop());
  afterAll(async () => {
    await java.kill();
    await coordinator.stop();
    await Promise.all([nodeTables.end(), javaTables.end()]);
    jest.restoreAllMocks();
  });

  const rows = async (tables: Connection): Promise<unknown> => {
    const [found] = await tables.query<RowDataPacket[]>(
      'SELECT id, balance, reserved, note, big FROM account ORDER BY id',
    );
    return found;
  };
  const undoLogs = async (tables: Connection): Promise<unknown> => {
    const [found] = await tables.query<RowDataPacket[]>('SELECT 1 AS one FROM undo_log WHERE log_status = 0');
    return found;
  };
  const fences = async (tables: Connection, xid: string): Promise<unknown> => {
    const [found] = await tables.query<RowDataPacket[]>('SELECT status FROM tcc_fence_log WHERE xid = ?', [
      xid,
    ]);
    return found;
  };
  const balances = async (): Promise<unknown> => {
    const both = await Promise.all([rows(nodeTables), rows(javaTables)]);
    return both.map((found) => (found as { balance: string; reserved: string }[])[0]);
  };

  const nodeAt = (): Promise<void> => node.at([TAKE, ['5.00', 'taken', '1']], [ADD, ['2', '5.00', '18']]);
  const javaAt = async (xid: string): Promise<void> => {
    await java.at(
      xid,
      { sql: TAKE, parameters: ['5.00', 'taken', '1'] },
      { sql: ADD, parameters: ['2', '5.00', '18'] },
    );
  };
  const javaTcc = (xid: string): Promise<void> => {
    const step = (change: string) => [
      { sql: `UPDATE account SET ${change} WHERE id = ?`, parameters: ['1'] },
    ];
    return java.tcc(xid, {
      try: step('balance = balance - 5, reserved = reserved + 5'),
      confirm: step('reserved = reserved - 5'),
      cancel: step('balance = balance + 5, reserved = reserved - 5'),
    });
  };

  const expectEndOfAt = async (end: (typeof ENDS)[number]): Promise<void> => {
    for (const tables of [nodeTables, javaTables]) {
      await eventually(async () => ((await undoLogs(tables)) as unknown[]).length === 0, {
        timeoutMs: PATIENCE_MS,
      });
      if (end === 'rollback') await expect(rows(tables)).resolves.toEqual(INTACT);
      else
        await expect(rows(tables)).resolves.toMatchObject([
          { id: '1', balance: '95.00', note: 'taken', big: '9007199254740993' },
          { id: '2', balance: '5.00', big: '18' },
        ]);
    }
  };
  const expectEndOfTcc = async (end: (typeof ENDS)[number], xid: string): Promise<void> => {
    const [balance, status] = end === 'commit' ? ['95.00', 2] : ['100.00', 3];
    await eventually(
      async () => {
        await expect(balances()).resolves.toMatchObject(Array(2).fill({ balance, reserved: '0.00' }));
      },
      { timeoutMs: PATIENCE_MS },
    );
    await expect(fences(nodeTables, xid)).resolves.toEqual([{ status }]);
    await expect(fences(javaTables, xid)).resolves.toEqual([{ status }]);
  };

  /** What the initiator in Node does with both branches done. */
  const endInNode = async (
    end: (typeof ENDS)[number],
    branches: (xid: string) => Promise<void>,
  ): Promise<string> => {
    const result = await node.run(async (xid) => {
      await branches(xid);
      if (end === 'rollback') throw new Error('The initiator has changed its mind.');
    });
    expect(result.status).toBe(end === 'commit' ? 'COMMITTED' : 'ROLLED_BACK');
    return result.xid;
  };

  describe.each(ENDS)('%s', (end) => {
    it('of a global transaction that Node began, with a branch of AT in each', async () => {
      await endInNode(end, async (xid) => {
        await nodeAt();
        await javaAt(xid);
      });
      await expectEndOfAt(end);
    });

    it('of a global transaction that Java began, with a branch of AT in each', async () => {
      const xid = await java.begin();
      await javaAt(xid);
      await node.within(xid, nodeAt);
      await expect(java[end](xid)).resolves.toBe(ANSWERS[end]);
      await expectEndOfAt(end);
    });

    it('of a global transaction that Node began, with an action of TCC in each', async () => {
      const xid = await endInNode(end, async (begun) => {
        await node.reserve('1', '5.00');
        await javaTcc(begun);
      });
      await expectEndOfTcc(end, xid);
    });

    it('of a global transaction that Java began, with an action of TCC in each', async () => {
      const xid = await java.begin();
      await javaTcc(xid);
      await node.within(xid, () => node.reserve('1', '5.00'));
      await expect(java[end](xid)).resolves.toBe(ANSWERS[end]);
      await expectEndOfTcc(end, xid);
    });
  });

  describe('on one database', () => {
    let shared: JavaPeer;

    beforeEach(async () => {
      shared = await startJava('interop-shared', urls.node);
    });
    afterEach(() => shared.kill());

    /** The coordinator may ask the one that is gone first, and tries again then. */
    const rollBackWithoutOne = async (xid: string): Promise<void> => {
      expect(['Rollbacked', 'RollbackRetrying']).toContain(await java.rollback(xid));
      await expectEndOfAt('rollback');
    };

    it('Java undoes what a service in Node had changed, which is gone', async () => {
      const xid = await java.begin();
      await node.within(xid, () =>
        node.at([TAKE, ['5.00', 'taken', '1']], [ADD, ['2', '5.00', '18']], [REMOVE, ['1']]),
      );
      await node.stop();
      await rollBackWithoutOne(xid);
    });

    it('Node undoes what a service in Java had changed, which was killed', async () => {
      const xid = await java.begin();
      await shared.at(
        xid,
        { sql: TAKE, parameters: ['5.00', 'taken', '1'] },
        { sql: ADD, parameters: ['2', '5.00', '18'] },
        { sql: REMOVE, parameters: ['1'] },
      );
      await shared.kill();
      await rollBackWithoutOne(xid);
    });

    it('neither gets a row that the other holds under a global lock', async () => {
      const [first, second] = [await java.begin(), await java.begin()];
      await node.within(first, () => node.at([TAKE, ['5.00', 'node', '1']]));
      await expect(shared.at(second, { sql: TAKE, parameters: ['1.00', 'java', '1'] })).rejects.toThrow(
        /lock/i,
      );
      await java.rollback(first);
      await shared.at(second, { sql: TAKE, parameters: ['1.00', 'java', '1'] });
      await java.rollback(second);
      await expect(rows(nodeTables)).resolves.toEqual(INTACT);
    });
  });
});
