import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { IsIn, Matches, ValidateIf } from 'class-validator';
import {
  DEAD_LETTER_REASONS,
  DEAD_LETTER_STATES,
  type DeadLetterQuery,
  type DeadLetterReason,
  type DeadLetterState,
} from 'txmsg';
import { DEAD_LETTER_ID_PATTERN, DEAD_LETTER_ID_RULE } from './dead-letter-id.pipe.js';
import { IsMoment } from './moment.decorator.js';

/** Left out, a filter lets everything pass; empty, it is wrong. */
const IfGiven = (field: keyof DeadLettersQuery): PropertyDecorator =>
  ValidateIf((query: DeadLettersQuery) => query[field] !== undefined);

/** The query of `GET …/admin/dead-letters`. */
export class DeadLettersQuery {
  @ApiPropertyOptional()
  @IfGiven('consumerGroup')
  @Matches(/^[A-Za-z0-9_%|-]{1,127}$/, { message: 'must be the name of a consumer group' })
  readonly consumerGroup?: string;

  @ApiPropertyOptional({ pattern: IDENTIFIER_PATTERN.source })
  @IfGiven('txNo')
  @IsIdentifier()
  readonly txNo?: string;

  @ApiPropertyOptional({ enum: DEAD_LETTER_REASONS })
  @IfGiven('reason')
  @IsIn(DEAD_LETTER_REASONS, { message: `must be one of ${DEAD_LETTER_REASONS.join(', ')}` })
  readonly reason?: DeadLetterReason;

  @ApiPropertyOptional({ enum: DEAD_LETTER_STATES })
  @IfGiven('state')
  @IsIn(DEAD_LETTER_STATES, { message: `must be one of ${DEAD_LETTER_STATES.join(', ')}` })
  readonly state?: DeadLetterState;

  @ApiPropertyOptional({ description: 'Stored at this moment or later.', example: '2026-01-31T08:00:00Z' })
  @IfGiven('since')
  @IsMoment()
  readonly since?: string;

  @ApiPropertyOptional({ description: 'Stored before this moment.', example: '2026-02-01T08:00:00Z' })
  @IfGiven('until')
  @IsMoment()
  readonly until?: string;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = '20';

  @ApiPropertyOptional({ description: 'The `next` of the page before.' })
  @IfGiven('after')
  @Matches(DEAD_LETTER_ID_PATTERN, { message: DEAD_LETTER_ID_RULE })
  readonly after?: string;
}

export function toLibraryQuery({ since, until, limit, ...filter }: DeadLettersQuery): DeadLetterQuery {
  const moment = (text: string | undefined): Date | undefined =>
    text === undefined ? undefined : new Date(text);
  return { ...filter, since: moment(since), until: moment(until), limit: Number(limit) };
}
