import { parseSql } from './sql-parser.js';
import type { StatementToken } from './statement.lexer.js';
import type { FixedColumn, RowSelection, TableReference } from './statement.js';
import { assertChoosesRows, type Refuse } from './statement.rules.js';
import {
  columnOf,
  contentOf,
  isNode,
  placeholdersIn,
  shapeOf,
  unwrapped,
  type SyntaxNode,
} from './syntax-tree.js';

const CLAUSES = ['WHERE', 'ORDER', 'LIMIT'];

/** The clauses of a statement that choose its rows, as the parser found them. */
export interface SelectionClauses {
  readonly selection: unknown;
  readonly orderBy: unknown;
  readonly limit: unknown;
}

export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The table with its alias, for FROM. */
export function fromText({ name, alias }: TableReference): string {
  return alias === undefined ? quotedName(name) : `${quotedName(name)} AS ${quotedName(alias)}`;
}

/**
 * Cuts the clauses that choose rows out of a statement's text, so that its images choose the same rows by the same words.
 * The parser reads what was cut again: when it finds anything else than in the statement, the statement is refused.
 */
export function rowSelectionOf(
  sql: string,
  tokens: readonly StatementToken[],
  table: TableReference,
  clauses: SelectionClauses,
  refuse: Refuse,
): RowSelection {
  assertChoosesRows([clauses.selection, clauses.orderBy, clauses.limit], refuse);
  const isTop = (token: StatementToken, word: string): boolean =>
    token.depth === 0 && token.text.toUpperCase() === word;
  const first = tokens.find((token) => CLAUSES.some((word) => isTop(token, word)));
  const begin = first?.start ?? sql.length;
  const end = tokens.find(
    (token) => token.start >= begin && (isTop(token, 'FOR') || isTop(token, ';')),
  )?.start;
  const text = sql.slice(begin, end).trim();
  assertSameClauses(`SELECT 1 FROM ${fromText(table)} ${text}`, clauses, refuse);
  const parameterOffset = tokens.filter((token) => token.text === '?' && token.start < begin).length;
  return {
    text,
    parameterOffset,
    hasLimit: clauses.limit !== undefined && clauses.limit !== null,
    orderBy: orderedColumns(clauses.orderBy),
    fixedColumns: fixedColumns(clauses.selection, parameterOffset),
  };
}

/** The clauses of a SELECT node with its Query node around it; undefined when it is no plain SELECT. */
export function clausesOfSelect(query: SyntaxNode): SelectionClauses | undefined {
  const select = contentOf(query.body, 'Select');
  if (!isNode(select)) return undefined;
  const order = isNode(query.order_by) ? contentOf(query.order_by.kind, 'Expressions') : undefined;
  const limits = contentOf(query.limit_clause, 'LimitOffset');
  // An offset is kept as a part of the limit, and refused by the caller.
  const limit = isNode(limits) ? (limits.offset == null ? limits.limit : limits) : query.limit_clause;
  return { selection: select.selection, orderBy: order, limit };
}

function assertSameClauses(image: string, clauses: SelectionClauses, refuse: Refuse): void {
  const query = contentOf(parsedOnce(image), 'Query');
  const found = isNode(query) ? clausesOfSelect(query) : undefined;
  const shape = ({ selection, orderBy, limit }: SelectionClauses): string =>
    shapeOf([selection ?? null, orderBy ?? [], limit ?? null]);
  if (found === undefined || shape(found) !== shape(clauses)) {
    refuse(
      'its WHERE, ORDER BY and LIMIT cannot be told from the rest for certain',
      'Write it more plainly: no unusual comments, and brackets around what is compared.',
    );
  }
}

function parsedOnce(sql: string): SyntaxNode | undefined {
  try {
    return parseSql(sql)[0];
  } catch {
    return undefined;
  }
}

function orderedColumns(orderBy: unknown): string[] | undefined {
  if (!Array.isArray(orderBy)) return [];
  const columns = orderBy.map((item) => columnOf(isNode(item) ? unwrapped(item.expr) : undefined));
  return columns.every((column) => column !== undefined) ? columns : undefined;
}

/** @param parameter - the number of the first placeholder in `selection` */
function fixedColumns(selection: unknown, parameter: number): FixedColumn[] {
  if (isLooselyJoined(unwrapped(selection))) return [];
  const operation = contentOf(unwrapped(selection), 'BinaryOp');
  if (!isNode(operation)) return [];
  const { op, left, right } = operation;
  if (op === 'And') {
    return [...fixedColumns(left, parameter), ...fixedColumns(right, parameter + placeholdersIn(left))];
  }
  if (op !== 'Eq') return [];
  const sides = [unwrapped(left), unwrapped(right)];
  const name = sides.map(columnOf).find((column) => column !== undefined);
  const value = sides.map((side) => contentOf(side, 'Value')).find((side) => side !== undefined);
  if (name === undefined || !isNode(value)) return [];
  if (contentOf(value.value, 'Placeholder') !== undefined) return [{ name, value: { parameter } }];
  return [{ name, value: { literal: literalOf(value.value) } }];
}

const LOOSER_THAN_AND = new Set<unknown>(['Or', 'Xor', 'StringConcat']);

/**
 * Whether OR, XOR or `||` stands there outside of brackets. The parser reads `a AND b XOR c` as `a AND (b XOR c)`, which to MySQL
 * is `(a AND b) XOR c`; it does so with `||` too, and with an OR behind `b DIV c` or `BINARY b`.
 */
function isLooselyJoined(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(isLooselyJoined);
  if (!isNode(part) || part.Nested !== undefined) return false;
  return LOOSER_THAN_AND.has(part.op) || Object.values(part).some(isLooselyJoined);
}

function literalOf(value: unknown): string | bigint | undefined {
  const text = contentOf(value, 'SingleQuotedString') ?? contentOf(value, 'DoubleQuotedString');
  if (typeof text === 'string') return text;
  const number = contentOf(value, 'Number');
  const digits: unknown = Array.isArray(number) ? number[0] : undefined;
  return typeof digits === 'string' && /^\d+$/.test(digits) ? BigInt(digits) : undefined;
}
