import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, Matches } from 'class-validator';
import { AdminAction } from './admin-action.js';

const SINCE_RULE = { message: 'must be a moment such as "2026-01-31T08:00:00Z"' };

/** The body of `POST …/admin/outbox/republish`. */
export class RepublishRequest extends AdminAction {
  @ApiProperty({ description: 'What was published from this moment on.', example: '2026-01-31T08:00:00Z' })
  // A moment without a zone would mean another one on every server.
  @Matches(/T.*(?:Z|[+-]\d\d:\d\d)$/, SINCE_RULE)
  @IsISO8601({ strict: true }, SINCE_RULE)
  readonly since!: string;
}

export class RepublishDocument {
  @ApiProperty({ description: 'How many messages are published again; consumers drop what they have had.' })
  readonly republished!: number;
}
