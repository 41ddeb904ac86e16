import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openIdleSession } from '../../../../txmsg/test/idle-session.js';
import { AtService, createAtDatabase, LockTable } from '../../../test/at-service.js';

/** As Seata publishes it for clients of 1.8.0 and 2.0.0 (script/client/at/db/mysql.sql); up to 1.4.2 its character set was utf8. */
const undoLogOfSeata = (charset: string): string => `
  DROP TABLE undo_log;
  CREATE TABLE IF NOT EXISTS \`undo_log\`
  (
      \`branch_id\`     BIGINT       NOT NULL COMMENT 'branch transaction id',
      \`xid\`           VARCHAR(128) NOT NULL COMMENT 'global transaction id',
      \`context\`       VARCHAR(128) NOT NULL COMMENT 'undo_log context,such as serialization',
      \`rollback_info\` LONGBLOB     NOT NULL COMMENT 'rollback info',
      \`log_status\`    INT(11)      NOT NULL COMMENT '0:normal status,1:defense status',
      \`log_created\`   DATETIME(6)  NOT NULL COMMENT 'create datetime',
      \`log_modified\`  DATETIME(6)  NOT NULL COMMENT 'modify datetime',
      UNIQUE KEY \`ux_undo_log\` (\`xid\`, \`branch_id\`)
  ) ENGINE = InnoDB AUTO_INCREMENT = 1 DEFAULT CHARSET = ${charset} COMMENT ='AT transaction mode undo table';
  ALTER TABLE \`undo_log\` ADD INDEX \`ix_log_created\` (\`log_created\`);
`;
const PURSE = 'CREATE TABLE purse (id BIGINT PRIMARY KEY, balance DECIMAL(19,2) NOT NULL);';

describe.each([
  ['of this library', ''],
  ['of the script of Seata', undoLogOfSeata('utf8mb4')],
  ['of an older script of Seata', undoLogOfSeata('utf8')],
])('phase two of AT on the table undo_log %s', (_whose, undoLog) => {
  let service: AtService;

  beforeAll(async () => {
    service = await AtService.start(await createAtDatabase('undo_log', `${undoLog}${PURSE}`));
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    for (const table of ['purse', 'undo_log']) await service.query(`DELETE FROM ${table}`);
    await service.query('INSERT INTO purse VALUES (1, 10), (2, 20), (3, 30)');
    service.locks = new LockTable();
  });

  const balances = async (): Promise<unknown[]> =>
    (await service.query('SELECT balance FROM purse ORDER BY id')).map(({ balance }) => balance);
  const logs = async (): Promise<unknown[]> =>
    (await service.query('SELECT log_status FROM undo_log ORDER BY log_status')).map(
      ({ log_status }) => log_status,
    );
  const take = (id: number) => service.branch(['UPDATE purse SET balance = balance - 1 WHERE id = ?', [id]]);

  it('ends a commit', async () => {
    await take(1);
    expect(await service.commit()).toBe('DONE');
    expect(await logs()).toEqual([]);
    expect(await service.commit()).toBe('DONE');
    expect(await balances()).toEqual(['9.00', '20.00', '30.00']);
  });

  it('ends a rollback, and leaves a marker', async () => {
    await take(1);
    expect(await service.rollback()).toBe('DONE');
    expect(await logs()).toEqual([1]);
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00', '30.00']);
  });

  it('takes back the branches of one row, the latest first', async () => {
    const global = service.global();
    for (const amount of [1, 2, 3]) {
      await service.run(global, (manager) =>
        manager.query('UPDATE purse SET balance = balance - ? WHERE id = 1', [amount]),
      );
    }
    for (const branch of service.locks.branches) expect(await service.rollback(branch)).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00', '30.00']);
    expect(await logs()).toEqual([1, 1, 1]);
  });

  it('deletes the undo logs of commits without waiting for those of others', async () => {
    for (const id of [1, 2, 3]) await take(id);
    const [first, second, third] = service.locks.branches;
    const holder = await openIdleSession(service.dataSource);
    await holder.startTransaction();
    try {
      await holder.query('SELECT 1 FROM undo_log FORCE INDEX (ux_undo_log) WHERE xid = ? FOR UPDATE', [
        second?.xid,
      ]);
      expect(await Promise.all([service.commit(first), service.commit(third)])).toEqual(['DONE', 'DONE']);
    } finally {
      await holder.rollbackTransaction();
      await holder.release();
    }
    expect(await logs()).toEqual([0]);
    expect(await service.commit(second)).toBe('DONE');
  });

  it('purges markers that are old, and no undo log', async () => {
    await take(1);
    for (const number of [1, 2, 3]) await service.rollback({ ...service.last(), xid: `h:1:${number}` });
    await service.query("UPDATE undo_log SET log_created = '2020-01-01' WHERE xid <> 'h:1:3'");
    await service.resource.purge();
    expect(await logs()).toEqual([0, 1]);
  });
});
