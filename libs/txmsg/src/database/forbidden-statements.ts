const SHOWN_LENGTH_MAX = 60;

const COMMENT = String.raw`\/\*(?!!)(?:[^*]|\*(?!\/))*\*\/`;
/** MySQL carries out the text of a comment that begins with `!`. */
const CONDITION = String.raw`\/\*!\d*`;
const LINE_COMMENT = String.raw`(?:--(?=\s)|#)[^\n]*(?:\n|$)`;
const FIRST_WORD = new RegExp(`^(?:\\s|${COMMENT}|${CONDITION}|${LINE_COMMENT})*([a-z]+)\\b`, 'i');
/** What is not carried out as it stands, to its end or to that of the statement; and names in quotes. */
const NOT_PLAIN = new RegExp(
  [
    String.raw`\/\*(?!!)[^]*?(?:\*\/|$)`,
    CONDITION,
    String.raw`\*\/`,
    LINE_COMMENT,
    String.raw`'[^'\\]*(?:\\[^]?[^'\\]*)*(?:'|$)`,
    String.raw`"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)`,
    '`[^`]*(?:`|$)',
  ].join('|'),
  'g',
);

/**
 * Statements that begin, end or implicitly commit a transaction (MySQL 8.0 manual, 15.3.3), by their first word; what else
 * must stand there, where not all that begin so do. TEMPORARY tables do not commit. A guard against accidents; it is no
 * parser and does not look into stored procedures and prepared statements.
 */
const ENDS = new Map<string, RegExp>([
  ['rollback', /^\s*rollback\b(?!\s+(?:work\s+)?to\b)/i],
  // Any of the assignments may be the one; commas in brackets count too.
  [
    'set',
    /^\s*set(?:\s+password\b|(?:\b[^]*,)?\s*(?:@@\s*)?(?:(?:session|local)(?:\s*\.\s*|\s+))?autocommit\s*:?=)/i,
  ],
  ...['create', 'drop'].map((word): [string, RegExp] => [word, /^\s*\w+\s+(?!\s|temporary\b)/i]),
  ...['lock', 'unlock'].map((word): [string, RegExp] => [word, /^\s*\w+\s+tables?\b/i]),
  ['load', /^\s*load\s+index\b/i],
  ...'commit begin start xa alter rename truncate grant revoke install uninstall import analyze optimize repair check flush reset cache stop change'
    .split(' ')
    .map((word): [string, RegExp] => [word, /^/]),
]);

export function endsTransaction(sql: string): boolean {
  const word = FIRST_WORD.exec(sql)?.[1]?.toLowerCase();
  const ends = word === undefined ? undefined : ENDS.get(word);
  return ends?.test(plain(sql)) ?? false;
}

/** Without comments, strings and the quotes of names. */
function plain(sql: string): string {
  return sql.replace(NOT_PLAIN, (found) => {
    if (found.startsWith("'")) return "''";
    return /^[`"]\w+[`"]$/.test(found) ? found.slice(1, -1) : ' ';
  });
}

/** The beginning of a statement, for an error or the log. */
export function shownStatement(sql: string): string {
  return sql.trim().slice(0, SHOWN_LENGTH_MAX);
}
