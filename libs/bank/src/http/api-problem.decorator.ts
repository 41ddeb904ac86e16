import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ProblemCode } from '@txmsg/contracts';
import { PROBLEM_KINDS } from './problem-kinds.js';
import { ProblemDocument } from './problem.document.js';

/** Documents the problems that a route answers, one entry for each status. */
export function ApiProblem(...codes: readonly ProblemCode[]): MethodDecorator & ClassDecorator {
  const statuses = [...new Set(codes.map((code) => PROBLEM_KINDS[code].status))];
  const responses = statuses.map((status) =>
    ApiResponse({
      status,
      description: codes
        .filter((code) => PROBLEM_KINDS[code].status === status)
        .map((code) => `${code}: ${PROBLEM_KINDS[code].title}.`)
        .join(' '),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDocument) } } },
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDocument), ...responses);
}
