import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { IsIn, Matches, ValidateIf } from 'class-validator';
import { DURABLE_JOB_STATES, type DurableJobState, type DurableJobStatus } from 'txmsg';

/** Left out, a filter lets everything pass; empty, it is wrong. */
const IfGiven = (field: keyof JobsQuery): PropertyDecorator =>
  ValidateIf((query: JobsQuery) => query[field] !== undefined);

/** The query of `GET …/admin/jobs`. */
export class JobsQuery {
  @ApiPropertyOptional({ pattern: IDENTIFIER_PATTERN.source })
  @IfGiven('kind')
  @IsIdentifier()
  readonly kind?: string;

  @ApiPropertyOptional({ enum: DURABLE_JOB_STATES })
  @IfGiven('state')
  @IsIn(DURABLE_JOB_STATES, { message: `must be one of ${DURABLE_JOB_STATES.join(', ')}` })
  readonly state?: DurableJobState;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: 20 })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = '20';

  @ApiPropertyOptional({ description: 'The `next` of the page before.' })
  @IfGiven('after')
  @Matches(/^[A-Za-z0-9._:-]{1,64}\/[A-Za-z0-9._:-]{1,64}$/, { message: 'must be the `next` of a page' })
  readonly after?: string;
}

/** A durable job, and how far it has come. */
export class JobDocument implements DurableJobStatus {
  @ApiProperty()
  readonly kind!: string;

  @ApiProperty()
  readonly key!: string;

  @ApiProperty({ enum: DURABLE_JOB_STATES, description: 'FAILED: it waits for an operator.' })
  readonly state!: DurableJobState;

  @ApiProperty({ description: 'Steps that are committed.' })
  readonly steps!: number;

  @ApiProperty({ description: 'How often the step that is to come has failed.' })
  readonly failures!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What it failed with last, or what it waits for.',
  })
  readonly error!: string | null;

  @ApiProperty({ description: 'Whether a worker has it now.' })
  readonly isClaimed!: boolean;

  @ApiProperty({ description: 'When it is due; while a worker has it, when its lease ends.' })
  readonly nextRunAt!: Date;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty({ type: Date, nullable: true, description: 'When it was DONE or FAILED.' })
  readonly endTime!: Date | null;
}

export class JobPageDocument {
  @ApiProperty({ type: [JobDocument], description: 'In the order of kind and key.' })
  readonly jobs!: readonly JobDocument[];

  @ApiProperty({ type: String, nullable: true, description: 'Pass it as `after`; null on the last page.' })
  readonly next!: string | null;
}
