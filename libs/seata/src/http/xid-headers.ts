import { OpenGlobalTransaction } from '../tm/open-global-transaction.js';
import { currentGlobalTransaction } from '../tm/global-transaction.context.js';

/** The header in which Seata's clients bring the id of a global transaction. Some proxies drop names with "_": nginx without `underscores_in_headers`. */
export const XID_HEADER = 'TX_XID';

/**
 * The headers that bring the open global transaction to the service that is called; none outside of one.
 * @throws GlobalTransactionOverError when it is over: what the other service did would not belong to it any more
 */
export function xidHeaders(): Record<string, string> {
  const current = currentGlobalTransaction();
  if (current === undefined) return {};
  if (current instanceof OpenGlobalTransaction) current.refuseWhenOver();
  return { [XID_HEADER]: current.xid };
}
