import { readFileSync } from 'node:fs';

/** As far from here when compiled. */
const SCRIPT = new URL('../../sql/txmsg.sql', import.meta.url);

/**
 * The SQL that makes the library's tables, or brings those of an older version up to date. Run it in the service's own
 * database, with an account that may create and alter tables; it may be run again at any time, and drops nothing. The
 * same text is what `npx txmsg sql` prints, and the file behind `txmsg/sql`.
 */
export function txmsgSql(): string {
  return readFileSync(SCRIPT, 'utf8');
}
