import { parseSql } from './sql-parser.js';
import { insertStatement } from './insert.analysis.js';
import { clausesOfSelect, rowSelectionOf } from './row-selection.js';
import type { AtStatement, TableReference } from './statement.js';
import { tokensOf } from './statement.lexer.js';
import {
  assertNewValue,
  functionsIn,
  refusalOf,
  type ParsedStatement,
  type Refuse,
} from './statement.rules.js';
import { tableOf } from './table-reference.js';
import { contentOf, isNode, namesOf, otherClause, walk, type SyntaxNode } from './syntax-tree.js';

/**
 * What a statement does, if AT can undo it. What needs the table's description is looked at later, before it runs too.
 * @throws AtStatementRefusedError
 */
export function analyseStatement(sql: string): AtStatement {
  const refuse = refusalOf(sql);
  const tokens = readOrRefuse(() => tokensOf(sql), refuse);
  const nodes = readOrRefuse(() => parseSql(sql), refuse);
  const [node] = nodes;
  if (node === undefined || nodes.length !== 1) {
    return refuse('it is not exactly one statement', 'Send one statement at a time.');
  }
  const parameters = tokens.filter(({ text }) => text === '?').length;
  // mysql2 replaces every question mark by a parameter, within a text too, and two of them by a name.
  const isPlain = parameters === sql.split('?').length - 1 && !sql.includes('??');
  if (parameters > 0 && !isPlain) {
    return refuse(
      'beside its placeholders a question mark stands within a text, a name or a comment, or two stand together',
      'Pass texts as parameters.',
    );
  }
  const parsed = { sql, tokens, parameters, refuse };
  for (const [kind, analyse] of Object.entries(KINDS)) {
    const content = node[kind];
    if (isNode(content)) return analyse(content, parsed);
  }
  return refuse(
    `${Object.keys(node).join()} is none of SELECT, INSERT, UPDATE and DELETE, which AT can carry out and undo`,
  );
}

function readOrRefuse<T>(read: () => T, refuse: Refuse): T {
  try {
    return read();
  } catch (error) {
    return refuse(
      `it is not understood (${error instanceof Error ? error.message : String(error)}), so that nobody knows how to undo it`,
      'Write it in plain MySQL, or run it outside of the AT transaction.',
    );
  }
}

type Analyse = (content: SyntaxNode, parsed: ParsedStatement) => AtStatement;

const updateStatement: Analyse = (update, { sql, tokens, parameters, refuse }) => {
  assertNoOther(update, ['table', 'assignments', 'selection', 'order_by', 'limit'], refuse);
  const table = tableOf(update.table, refuse);
  const assignments = Array.isArray(update.assignments) ? update.assignments.filter(isNode) : [];
  const assigned = assignments.map(({ target, value }) => {
    assertNewValue(value, refuse);
    return namesOf(contentOf(target, 'ColumnName'))?.at(-1) ?? refuse('it assigns to more than a column');
  });
  const clauses = { selection: update.selection, orderBy: update.order_by, limit: update.limit };
  const rows = rowSelectionOf(sql, tokens, table, clauses, refuse);
  return { kind: 'UPDATE', sql, parameters, table, rows, assigned };
};

const deleteStatement: Analyse = (deletion, { sql, tokens, parameters, refuse }) => {
  assertNoOther(deletion, ['from', 'selection', 'order_by', 'limit'], refuse);
  const from = contentOf(deletion.from, 'WithFromKeyword');
  const table = onlyTable(from, refuse);
  const clauses = { selection: deletion.selection, orderBy: deletion.order_by, limit: deletion.limit };
  return {
    kind: 'DELETE',
    sql,
    parameters,
    table,
    rows: rowSelectionOf(sql, tokens, table, clauses, refuse),
  };
};

const selectStatement: Analyse = (query, parsed) => {
  const { sql, parameters, refuse } = parsed;
  const locks = Array.isArray(query.locks) ? query.locks.filter(isNode) : [];
  if (locks.length > 0) return lockingSelect(query, locks, parsed);
  walk(query, (node) => {
    if (Array.isArray(node.locks) && node.locks.length > 0) {
      refuse('a part of it locks rows', 'Lock rows with a SELECT … FOR UPDATE of one table.');
    }
    if (node.into != null) refuse('it stores its result', 'Read the rows, then write them.');
    if (isNode(node.Insert) || isNode(node.Update) || isNode(node.Delete))
      refuse('a part of it changes rows');
  });
  return { kind: 'PLAIN_SELECT', sql, parameters, functions: functionsIn(query) };
};

const SELECT_CLAUSES = ['projection', 'from', 'selection', 'flavor'];

function lockingSelect(query: SyntaxNode, locks: SyntaxNode[], parsed: ParsedStatement): AtStatement {
  const { sql, tokens, parameters, refuse } = parsed;
  const [lock] = locks;
  if (locks.length !== 1 || lock?.lock_type !== 'Update') {
    return refuse('it takes a shared lock', 'Use FOR UPDATE, which takes the global lock too.');
  }
  if (lock.nonblock === 'SkipLocked') {
    return refuse('SKIP LOCKED chooses other rows each time', 'Use FOR UPDATE, or FOR UPDATE NOWAIT.');
  }
  assertNoOther(query, ['body', 'order_by', 'limit_clause', 'locks'], refuse);
  const select = contentOf(query.body, 'Select');
  const clauses = clausesOfSelect(query);
  if (!isNode(select) || clauses === undefined) return refuse('it locks the rows of more than one SELECT');
  assertNoOther(select, SELECT_CLAUSES, refuse);
  const table = onlyTable(select.from, refuse);
  if (functionsIn(select.projection).some((name) => AGGREGATES.has(name))) {
    return refuse('it locks rows that it does not show one by one', 'Read the rows, then compute.');
  }
  assertNewValue(select.projection, refuse);
  const rows = rowSelectionOf(sql, tokens, table, clauses, refuse);
  return { kind: 'SELECT_FOR_UPDATE', sql, parameters, table, rows };
}

const AGGREGATES = new Set(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG']);

function onlyTable(from: unknown, refuse: Refuse): TableReference {
  if (!Array.isArray(from) || from.length !== 1) return refuse('it names more than one table');
  return tableOf(from[0], refuse);
}

function assertNoOther(node: SyntaxNode, known: readonly string[], refuse: Refuse): void {
  const other = otherClause(node, known);
  if (other !== undefined) refuse(`it has the clause "${other}", which AT does not know to undo`);
}

const KINDS: Readonly<Record<string, Analyse>> = {
  Query: selectStatement,
  Insert: insertStatement,
  Update: updateStatement,
  Delete: deleteStatement,
};
