import { ApiProperty } from '@nestjs/swagger';
import { AdminAction } from './admin-action.js';
import { IsMoment } from './moment.decorator.js';

/** The body of `POST …/admin/outbox/republish`. */
export class RepublishRequest extends AdminAction {
  @ApiProperty({ description: 'What was published from this moment on.', example: '2026-01-31T08:00:00Z' })
  @IsMoment()
  readonly since!: string;
}

export class RepublishDocument {
  @ApiProperty({ description: 'How many messages are published again; consumers drop what they have had.' })
  readonly republished!: number;
}
