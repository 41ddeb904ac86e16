import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';

/** One field that breaks its rule. */
export class FieldProblem {
  @ApiProperty({ description: 'The field, in dotted form.', example: 'amount' })
  readonly field!: string;

  @ApiPropertyOptional({ description: 'What was found there, cut when long.', example: '1e3' })
  readonly value?: string | number | boolean | null;

  @ApiProperty({ description: 'What was expected.', example: 'must be a string such as "100.00"' })
  readonly rule!: string;
}

/** The body of every answer with a status from 400 on (RFC 9457). */
export class ProblemDocument {
  @ApiProperty({ example: 'urn:txmsg:problem:insufficient-balance' })
  readonly type!: string;

  @ApiProperty({ description: 'For people; may be reworded.', example: 'Insufficient balance' })
  readonly title!: string;

  @ApiProperty({ description: 'The HTTP status again.', example: 422 })
  readonly status!: number;

  @ApiProperty({ description: 'Stable; programs decide by it.', enum: Object.values(ProblemCode) })
  readonly code!: ProblemCode;

  @ApiProperty({ description: 'What happened this time.' })
  readonly detail!: string;

  @ApiPropertyOptional({ description: 'The transfer that the request was about.' })
  readonly txNo?: string;

  @ApiPropertyOptional({ type: [FieldProblem], description: 'Every field that breaks a rule.' })
  readonly errors?: FieldProblem[];
}
