import type { InsertedValue, InsertStatement } from './statement.js';
import { assertNewValue, type ParsedStatement, type Refuse } from './statement.rules.js';
import {
  contentOf,
  isNode,
  namesOf,
  otherClause,
  placeholdersIn,
  unwrapped,
  type SyntaxNode,
} from './syntax-tree.js';
import { referenceOf } from './table-reference.js';

const READ_FIRST = 'Read first, then decide between INSERT and UPDATE.';

/** An INSERT of rows that it spells out. */
export function insertStatement(insert: SyntaxNode, parsed: ParsedStatement): InsertStatement {
  const { sql, parameters, refuse } = parsed;
  if (insert.replace_into === true) refuse('REPLACE deletes rows that it does not name', READ_FIRST);
  if (insert.on != null) refuse('ON DUPLICATE KEY UPDATE changes rows that it does not name', READ_FIRST);
  if (insert.ignore === true) refuse('IGNORE leaves out rows without an error', READ_FIRST);
  const other = otherClause(insert, ['into', 'table', 'columns', 'source']);
  if (other !== undefined) {
    refuse(`it has the clause "${other}", which AT does not know`, 'Use INSERT INTO table (…) VALUES (…).');
  }
  const table = referenceOf(contentOf(insert.table, 'TableName'), undefined, refuse);
  const columns = Array.isArray(insert.columns) ? insert.columns.map((name) => columnName(name, refuse)) : [];
  return {
    kind: 'INSERT',
    sql,
    parameters,
    table,
    columns: columns.length > 0 ? columns : undefined,
    values: valuesOf(insert.source, refuse),
  };
}

function columnName(name: unknown, refuse: Refuse): string {
  return namesOf(name)?.at(-1) ?? refuse('a column cannot be told for certain');
}

function valuesOf(source: unknown, refuse: Refuse): InsertedValue[][] {
  const values = contentOf(isNode(source) ? source.body : undefined, 'Values');
  if (!isNode(source) || !isNode(values) || otherClause(source, ['body']) !== undefined) {
    return refuse(
      'its rows are not spelled out in VALUES',
      'Read the rows first, then insert them with VALUES (…).',
    );
  }
  const rows = Array.isArray(values.rows) ? values.rows.filter(isNode) : [];
  let parameters = 0;
  return rows.map((row) => {
    const content = Array.isArray(row.content) ? row.content : [];
    return content.map((expression: unknown) => {
      assertNewValue(expression, refuse);
      const value = valueOf(expression, parameters);
      parameters += placeholdersIn(expression);
      return value;
    });
  });
}

function valueOf(expression: unknown, parameterIndex: number): InsertedValue {
  const plain = unwrapped(expression);
  const identifier = contentOf(plain, 'Identifier');
  if (
    isNode(identifier) &&
    identifier.quote_style == null &&
    String(identifier.value).toUpperCase() === 'DEFAULT'
  ) {
    return { kind: 'DEFAULT' };
  }
  const value = contentOf(plain, 'Value');
  const literal = isNode(value) ? value.value : undefined;
  if (literal === 'Null') return { kind: 'NULL' };
  if (contentOf(literal, 'Placeholder') !== undefined) return { kind: 'PARAMETER', index: parameterIndex };
  const text = contentOf(literal, 'SingleQuotedString') ?? numberIn(literal);
  return typeof text === 'string' ? { kind: 'LITERAL', text } : { kind: 'EXPRESSION' };
}

/** Undefined also for 007 and 1e3, which a column of text stores as 7 and 1000. */
function numberIn(literal: unknown): string | undefined {
  const number = contentOf(literal, 'Number');
  const text: unknown = Array.isArray(number) ? number[0] : undefined;
  return typeof text === 'string' && /^(0|[1-9]\d*)(\.\d+)?$/.test(text) ? text : undefined;
}
