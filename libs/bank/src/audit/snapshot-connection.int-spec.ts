import { describe, expect, it } from '@jest/globals';
import { AuditUnreadableError } from './audit.error.js';
import { SnapshotConnection } from './snapshot-connection.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('SnapshotConnection', () => {
  it('gives up at the deadline of a statement', async () => {
    const snapshot = await SnapshotConnection.open(rootUrl, 3000);
    // Not SLEEP or BENCHMARK, which return a number when the server interrupts them.
    const waiting = snapshot.query(
      `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
       SELECT SUM(a.i * b.i * c.i * d.i) FROM n a, n b, n c, n d`,
    );
    await expect(waiting).rejects.toBeInstanceOf(AuditUnreadableError);
    await expect(snapshot.query('SELECT 1')).rejects.toBeInstanceOf(AuditUnreadableError);
  });
});
