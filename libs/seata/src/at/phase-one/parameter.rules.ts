import type { AtStatement } from '../sql/statement.js';
import { refusalOf } from '../sql/statement.rules.js';

/**
 * Refuses parameters that mysql2 would write as anything else than a value: an object becomes assignments, or whatever its
 * `toSqlString` says. A list may stand where rows are chosen (`IN (?)`).
 * @throws AtStatementRefusedError
 */
export function assertParameters(statement: AtStatement, parameters: readonly unknown[]): void {
  const refuse = refusalOf(statement.sql);
  if (parameters.length !== statement.parameters) {
    refuse(
      `it has ${statement.parameters} placeholders and ${parameters.length} parameters`,
      'Pass one parameter for each placeholder.',
    );
  }
  const listsFrom = listsAllowedFrom(statement);
  parameters.forEach((value, index) => {
    const isList = index >= listsFrom && Array.isArray(value) && value.length > 0 && value.every(isValue);
    if (!isList && !isValue(value)) {
      refuse(
        `its parameter ${index + 1} is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, which is no value`,
        'Pass text, numbers, booleans, dates, bytes or null; JSON as text.',
      );
    }
  });
}

function listsAllowedFrom(statement: AtStatement): number {
  switch (statement.kind) {
    case 'INSERT':
      return Infinity;
    case 'UPDATE':
    case 'DELETE':
    case 'SELECT_FOR_UPDATE':
      return statement.rows.parameterOffset;
    case 'PLAIN_SELECT':
      return 0;
  }
}

function isValue(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (value instanceof Date || value instanceof Uint8Array) return true;
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
