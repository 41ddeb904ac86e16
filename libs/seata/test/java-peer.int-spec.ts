import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { eventually } from 'txmsg/testing';
import { coordinatorVersions, ownCoordinator, type OwnCoordinator } from './coordinator.js';
import { JavaPeer } from './java-peer.js';
import { createSeataDatabase, openSeataDatabase } from './seata-database.js';

// The service in Java is built first.
jest.setTimeout(600_000);

/** What the tests with Java stand on: that Seata's own client, alone, does what they expect of it. */
describe.each(coordinatorVersions())('a service in Java, and a coordinator %s', (version) => {
  let coordinator: OwnCoordinator;
  let peer: JavaPeer;
  let database: Connection;

  const read = async (sql: string): Promise<unknown> => (await database.query<RowDataPacket[]>(sql))[0];
  const balances = (): Promise<unknown> => read('SELECT id, balance, reserved FROM account ORDER BY id');
  const undoLogs = (): Promise<unknown> => read('SELECT log_status FROM undo_log');

  beforeAll(async () => {
    const mysqlUrl = await createSeataDatabase('java_peer');
    database = await openSeataDatabase(mysqlUrl);
    await database.query(
      'CREATE TABLE account (id VARCHAR(20) PRIMARY KEY, balance DECIMAL(12, 2) NOT NULL, reserved DECIMAL(12, 2) NOT NULL DEFAULT 0)',
    );
    coordinator = await ownCoordinator({ version });
    const { server } = coordinator;
    peer = await JavaPeer.start({ version, server, applicationId: 'java-peer', mysqlUrl });
  });
  beforeEach(async () => {
    await database.query("REPLACE INTO account (id, balance) VALUES ('1', 100)");
    await database.query("DELETE FROM account WHERE id <> '1'");
  });
  afterAll(async () => {
    await peer.kill();
    await coordinator.stop();
    await database.end();
  });

  const changeRows = async (xid: string): Promise<void> => {
    const results = await peer.at(
      xid,
      { sql: 'UPDATE account SET balance = balance - ? WHERE id = ?', parameters: ['5.00', '1'] },
      { sql: 'INSERT INTO account (id, balance) VALUES (?, ?)', parameters: ['2', '5.00'] },
    );
    expect(results).toEqual([1, 1]);
  };
  const move = (xid: string): Promise<void> => {
    const step = (sql: string) => [{ sql: `UPDATE account SET ${sql} WHERE id = ?`, parameters: ['1'] }];
    return peer.tcc(xid, {
      try: step('balance = balance - 5, reserved = reserved + 5'),
      confirm: step('reserved = reserved - 5'),
      cancel: step('balance = balance + 5, reserved = reserved - 5'),
    });
  };

  it('commits a branch of AT, and forgets its undo log', async () => {
    const xid = await peer.begin();
    await changeRows(xid);
    await expect(undoLogs()).resolves.toEqual([{ log_status: 0 }]);
    await expect(peer.commit(xid)).resolves.toBe('Committed');
    await eventually(async () => ((await undoLogs()) as unknown[]).length === 0);
    await expect(balances()).resolves.toEqual([
      { id: '1', balance: '95.00', reserved: '0.00' },
      { id: '2', balance: '5.00', reserved: '0.00' },
    ]);
  });

  it('rolls a branch of AT back', async () => {
    const xid = await peer.begin();
    await changeRows(xid);
    await expect(peer.rollback(xid)).resolves.toBe('Rollbacked');
    await expect(balances()).resolves.toEqual([{ id: '1', balance: '100.00', reserved: '0.00' }]);
    await expect(undoLogs()).resolves.toEqual([]);
  });

  it.each([
    ['confirms', 'commit', 'Committed', '95.00', 2],
    ['cancels', 'rollback', 'Rollbacked', '100.00', 3],
  ] as const)('%s an action of TCC, and its fence says so', async (_what, end, answer, balance, fence) => {
    const xid = await peer.begin();
    await move(xid);
    await expect(balances()).resolves.toEqual([{ id: '1', balance: '95.00', reserved: '5.00' }]);
    await expect(peer[end](xid)).resolves.toBe(answer);
    await expect(balances()).resolves.toEqual([{ id: '1', balance, reserved: '0.00' }]);
    await expect(read(`SELECT status FROM tcc_fence_log WHERE xid = '${xid}'`)).resolves.toEqual([
      { status: fence },
    ]);
  });

  it('says what Java says when it cannot', async () => {
    const xid = await peer.begin();
    await expect(peer.at(xid, { sql: 'UPDATE nothing SET a = 1' })).rejects.toThrow(/Java says: .*nothing/);
    await peer.rollback(xid);
  });
});
