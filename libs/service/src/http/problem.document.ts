import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { PROBLEM_KINDS, ProblemCode } from '@txmsg/contracts';

/** One field that breaks its rule. */
export class FieldProblem {
  @ApiProperty({ description: 'The field, in dotted form.', example: 'name' })
  readonly field!: string;

  @ApiPropertyOptional({ description: 'What was found there, cut when long.', example: '1e3' })
  readonly value?: string | number | boolean | null;

  @ApiProperty({ description: 'What was expected.', example: 'must be a string such as "100.00"' })
  readonly rule!: string;
}

/** The body of every answer with a status from 400 on (RFC 9457). */
export class ProblemDocument {
  @ApiProperty({ example: 'urn:txmsg:problem:invalid-input' })
  readonly type!: string;

  @ApiProperty({ description: 'For people; may be reworded.', example: 'A field breaks its rule' })
  readonly title!: string;

  @ApiProperty({ description: 'The HTTP status again.', example: 400 })
  readonly status!: number;

  @ApiProperty({ description: 'Stable; programs decide by it.', enum: Object.values(ProblemCode) })
  readonly code!: ProblemCode;

  @ApiProperty({ description: 'What happened this time.' })
  readonly detail!: string;

  @ApiPropertyOptional({ description: 'What the request was about.' })
  readonly txNo?: string;

  @ApiPropertyOptional({ type: [FieldProblem], description: 'Every field that breaks a rule.' })
  readonly errors?: FieldProblem[];
}

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
