const SHOWN_LENGTH_MAX = 60;

/** What may stand before the first word of a statement; MySQL carries out the text of a comment that begins with `!`. */
const BEFORE = String.raw`(?:\s|\/\*(?!!)(?:[^*]|\*(?!\/))*\*\/|\/\*!\d*|(?:--(?=\s)|#)[^\n]*(?:\n|$))*`;

/**
 * Statements that begin, end or implicitly commit a transaction (MySQL 8.0 manual, 15.3.3). TEMPORARY tables
 * do not commit. A guard against accidents; it is no parser and does not look into stored procedures.
 */
const ENDS = [
  String.raw`(?:commit|begin|start|xa)\b`,
  String.raw`rollback\b(?!\s+(?:work\s+)?to\b)`,
  String.raw`set\s+(?:session\s+|local\s+|@@(?:session\.|local\.)?)?autocommit\b`,
  String.raw`set\s+password\b`,
  String.raw`(?:create|drop)\s+(?!temporary\b)`,
  String.raw`(?:un)?lock\s+tables?\b`,
  String.raw`(?:alter|rename|truncate|grant|revoke|install|uninstall|import)\b`,
  String.raw`(?:analyze|optimize|repair|check|flush|reset|cache|load\s+index|stop|change)\b`,
];
const ENDS_TRANSACTION = new RegExp(`^${BEFORE}(?:${ENDS.join('|')})`, 'i');

export function endsTransaction(sql: string): boolean {
  return ENDS_TRANSACTION.test(sql);
}

/** The beginning of a statement, for an error or the log. */
export function shownStatement(sql: string): string {
  return sql.trim().slice(0, SHOWN_LENGTH_MAX);
}
