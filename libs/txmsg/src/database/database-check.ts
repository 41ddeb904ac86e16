import type { DataSource } from 'typeorm';
import { checkDurability } from './durability-check.js';
import { checkSettings } from './settings-check.js';
import { withConnection } from './with-connection.js';

const TIMEOUT_MS = 10_000;

export interface DatabaseCheck {
  /** With one of these a service must not start. Each is a full sentence. */
  readonly problems: readonly string[];
  /** What is allowed, and its owner should know. */
  readonly warnings: readonly string[];
}

/**
 * Checks every setting of the server and of the driver that no session can set (docs/MYSQL.md, "checked at start").
 * `TxMsgModule` does so when it starts; for what uses `DatabaseTransactions` without that module.
 * @param acceptsUnsafeFlush - a server that loses committed transactions when it crashes is no problem
 * @throws DatabaseUnavailableError when the database is away
 */
export async function checkDatabase(
  dataSource: DataSource,
  acceptsUnsafeFlush: boolean,
): Promise<DatabaseCheck> {
  const settings = await checkSettings(dataSource);
  // Another product does not understand the questions below.
  if (dataSource.options.type !== 'mysql') return { problems: settings, warnings: [] };
  const { problems, warnings } = await withConnection(dataSource, TIMEOUT_MS, checkDurability);
  return { problems: [...(acceptsUnsafeFlush ? [] : problems), ...settings], warnings };
}
