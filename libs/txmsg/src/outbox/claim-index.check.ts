import type { DataSource } from 'typeorm';

/** What claims are found by; made by the package's sql/txmsg.sql. */
export const CLAIM_INDEX = 'state_topic_next_attempt_at';

/**
 * A problem for the index that an older version of the database lacks. Without it every claim fails, and only the log says so.
 * @throws when the database is away
 */
export async function checkClaimIndex(dataSource: Pick<DataSource, 'query'>): Promise<string[]> {
  const rows = await dataSource.query<unknown[]>(
    `SELECT 1 FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'local_message' AND INDEX_NAME = ? LIMIT 1`,
    [CLAIM_INDEX],
  );
  if (rows.length > 0) return [];
  return [
    `The table local_message has no index ${CLAIM_INDEX}, which the outbox needs: the database is older than this version. Run the package's sql/txmsg.sql in it ("npx txmsg sql" prints it); that may be done at any time and while the version before is running, once no process of the first version is.`,
  ];
}
