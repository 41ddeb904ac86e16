import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { isNode, type SyntaxNode } from './syntax-tree.js';

let loading: Promise<void> | undefined;

/** Loads the parser, which is WebAssembly, once. Must have ended before the first statement. */
export function loadSqlParser(): Promise<void> {
  return (loading ??= init().then(
    () => undefined,
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  ));
}

/** The syntax trees of all statements in a text. @throws the parser's error, which says where it stopped */
export function parseSql(sql: string): SyntaxNode[] {
  const statements: unknown = parse(sql, 'mysql');
  return Array.isArray(statements) ? statements.filter(isNode) : [];
}
