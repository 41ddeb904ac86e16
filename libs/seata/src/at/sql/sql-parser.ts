import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { isNode, type SyntaxNode } from './syntax-tree.js';

/** Loads the parser, which is WebAssembly. Must have ended before the first statement; may be called again. */
export async function loadSqlParser(): Promise<void> {
  await init();
}

/** The syntax trees of all statements in a text. @throws the parser's error, which says where it stopped */
export function parseSql(sql: string): SyntaxNode[] {
  const statements: unknown = parse(sql, 'mysql');
  return Array.isArray(statements) ? statements.filter(isNode) : [];
}
