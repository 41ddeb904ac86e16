import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FieldProblem } from './problem.document.js';
import { ProblemException } from './problem.exception.js';

const ERRORS_MAX = 20;
const SHOWN_LENGTH_MAX = 64;

/** Unknown fields are refused: a mistyped optional field would otherwise be left out silently. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => invalidInput(errors.flatMap((error) => fieldProblems(error))),
  });
}

/** For the `context` of a field's rule: what was given is not shown in the answer. */
export const SECRET_FIELD = { isSecret: true } as const;

export function invalidInput(errors: readonly FieldProblem[]): ProblemException {
  const shown = errors.slice(0, ERRORS_MAX);
  const detail = shown.map(({ field, rule }) => `${field} ${rule}`).join('; ');
  return new ProblemException(ProblemCode.INVALID_INPUT, `${detail}.`, { errors: shown });
}

export function fieldProblem(field: string, value: unknown, rule: string): FieldProblem {
  const shown = shownValue(value);
  return { field: cut(field), ...(shown === undefined ? {} : { value: shown }), rule };
}

function fieldProblems(error: ValidationError, parent = ''): FieldProblem[] {
  const field = `${parent}${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
    fieldProblem(
      field,
      isSecret(error, constraint) ? undefined : error.value,
      constraint === 'whitelistValidation' ? 'is not a known field' : message,
    ),
  );
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, `${field}.`))];
}

function isSecret({ contexts }: ValidationError, constraint: string): boolean {
  const context = contexts?.[constraint] as { readonly isSecret?: unknown } | undefined;
  return context?.isSecret === true;
}

function shownValue(value: unknown): FieldProblem['value'] {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? cut(value) : undefined;
}

function cut(text: string): string {
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
