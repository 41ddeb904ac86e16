import { CustodyResultMessage } from '@txmsg/contracts';
import { fieldProblem, invalidInput } from '@txmsg/service';
import { ApiProperty } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

const RESULT_TYPE = 'custody.result';

/** The body of a webhook; further fields are dropped. */
export class CustodyEventDocument {
  @ApiProperty({ example: RESULT_TYPE })
  readonly type!: string;

  @ApiProperty({ description: 'When it happened.' })
  readonly timestamp!: Date;

  @ApiProperty({ type: Object, description: '`requestNo`, `status`, `custodyAccountNo`, `reason`.' })
  readonly data!: object;
}

/**
 * The result that an event tells of; undefined for an event of another type, which concerns others.
 * @throws ProblemException when it is none
 */
export function resultOf(body: unknown): CustodyResultMessage | undefined {
  const { type, data } = (body ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  if (typeof type !== 'string') throw invalidInput([fieldProblem('type', type, 'must be a string')]);
  if (type !== RESULT_TYPE) return undefined;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw invalidInput([fieldProblem('data', data, 'must be an object')]);
  }
  const result = plainToInstance(CustodyResultMessage, data);
  const problems = validateSync(result).flatMap(({ property, value, constraints = {} }) =>
    Object.values(constraints).map((rule) => fieldProblem(`data.${property}`, value, rule)),
  );
  if (problems.length > 0) throw invalidInput(problems);
  return result;
}
