/** A word, symbol or placeholder of a statement that stands outside of every bracket, text and comment, or its brackets themselves. */
export interface StatementToken {
  readonly text: string;
  /** Where it begins in the statement. */
  readonly start: number;
  /** How many brackets are open around it. */
  readonly depth: number;
}

const WORD = /[\p{L}\p{N}_$@]+/uy;
const SPACE = /\s+/y;
const QUOTES = new Set(["'", '"', '`']);

/**
 * Where the words of a statement are. It only finds places: what a statement means, the parser says. Places that the two
 * might see differently are errors: executable comments and hints (`/*!`, `/*+`), a comment within a comment, and `--` that is
 * a comment to one of them alone.
 * @throws Error which says what is wrong
 */
export function tokensOf(sql: string): StatementToken[] {
  const tokens: StatementToken[] = [];
  let depth = 0;
  for (let at = 0; at < sql.length;) {
    const end = endOfBlank(sql, at) ?? endOfText(sql, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    const text = matchAt(WORD, sql, at) ?? sql.charAt(at);
    if (text === ')') depth -= 1;
    tokens.push({ text, start: at, depth });
    if (text === '(') depth += 1;
    at += text.length;
  }
  return tokens;
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function endOfBlank(sql: string, at: number): number | undefined {
  const space = matchAt(SPACE, sql, at);
  if (space !== undefined) return at + space.length;
  if (sql.startsWith('/*', at)) return endOfComment(sql, at);
  if (sql.startsWith('--', at)) {
    if (!/^--(\s|$)/.test(sql.slice(at, at + 3))) throw new Error('"--" stands without a space after it');
    return endOfLine(sql, at);
  }
  return sql.startsWith('#', at) ? endOfLine(sql, at) : undefined;
}

function endOfLine(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end + 1;
}

function endOfComment(sql: string, at: number): number {
  if (/[!+]/.test(sql.charAt(at + 2))) throw new Error('it has an executable comment or an optimizer hint');
  const end = sql.indexOf('*/', at + 2);
  if (end < 0) throw new Error('a comment does not end');
  if (sql.slice(at + 2, end).includes('/*')) throw new Error('a comment stands within a comment');
  return end + 2;
}

/** The end of a text or quoted name that begins here. */
function endOfText(sql: string, at: number): number | undefined {
  const quote = sql.charAt(at);
  if (!QUOTES.has(quote)) return undefined;
  for (let next = at + 1; next < sql.length; next++) {
    const character = sql.charAt(next);
    if (character === '\\' && quote !== '`') next += 1;
    else if (character === quote) {
      if (sql.charAt(next + 1) !== quote) return next + 1;
      next += 1;
    }
  }
  throw new Error('a text does not end');
}
