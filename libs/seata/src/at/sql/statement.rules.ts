import { AtStatementRefusedError } from '../../errors/at.errors.js';
import { isCalledWithoutBrackets, isPureFunction, isValueFunction } from './function-rules.js';
import type { StatementToken } from './statement.lexer.js';
import { contentOf, isNode, namesOf, unquotedName, walk, type SyntaxNode } from './syntax-tree.js';

const OUTSIDE = 'Run it outside of the AT transaction, or use TCC for this work.';

/** Refuses one statement. */
export type Refuse = (rule: string, advice?: string) => never;

/** What the rules look at. */
export interface ParsedStatement {
  readonly sql: string;
  readonly tokens: readonly StatementToken[];
  readonly parameters: number;
  readonly refuse: Refuse;
}

export function refusalOf(sql: string): Refuse {
  return (rule, advice = OUTSIDE) => {
    throw new AtStatementRefusedError(sql, rule, advice);
  };
}

/** The functions that stand in a part of a statement, in upper case; `SCHEMA.NAME` when the schema is named. */
export function functionsIn(part: unknown): string[] {
  const names: string[] = [];
  walk(part, (node) => {
    const called = node.Function;
    if (isNode(called)) names.push((namesOf(called.name) ?? ['?']).join('.').toUpperCase());
    const bare = unquotedName(node.Identifier)?.toUpperCase();
    if (bare !== undefined && isCalledWithoutBrackets(bare)) names.push(bare);
  });
  return names;
}

/** Refuses what the image of a statement would not see, or see differently, in the part that chooses its rows. */
export function assertChoosesRows(part: unknown, refuse: Refuse): void {
  assertPlainExpression(part, refuse);
  const other = functionsIn(part).find((name) => !isPureFunction(name));
  if (other !== undefined) {
    refuse(
      `${other}() chooses its rows, and could choose others for its before image`,
      'Compute the value first and pass it as a parameter.',
    );
  }
}

/** Refuses new values that could change something else than the row, or that need other rows. */
export function assertNewValue(part: unknown, refuse: Refuse): void {
  assertPlainExpression(part, refuse);
  const other = functionsIn(part).find((name) => !isValueFunction(name));
  if (other !== undefined) {
    refuse(
      `it calls ${other}(), which is not among the built-in functions that AT knows to change nothing else`,
      'Compute the value first and pass it as a parameter.',
    );
  }
}

function assertPlainExpression(part: unknown, refuse: Refuse): void {
  walk(part, (node) => {
    if (node.body !== undefined || node.Subquery !== undefined) {
      refuse('it has a subquery', 'Read first, then write with what was read as parameters.');
    }
    if (isVariable(node) || isAssignment(node)) {
      refuse('it uses a variable of the session', 'Pass the value as a parameter.');
    }
  });
}

/** `@x`, `@@x` and `@@session.x`. The parser takes a quoted one for a placeholder. */
function isVariable(node: SyntaxNode): boolean {
  const compound = node.CompoundIdentifier;
  const first: unknown = Array.isArray(compound) ? compound[0] : node.Identifier;
  const name = unquotedName(first) ?? node.Placeholder;
  return typeof name === 'string' && name.startsWith('@');
}

function isAssignment(node: SyntaxNode): boolean {
  const operation = contentOf(node, 'BinaryOp');
  return isNode(operation) && operation.op === 'Assignment';
}
