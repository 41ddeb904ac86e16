import { ApiProperty } from '@nestjs/swagger';
import { CUSTODY_REQUEST_STATES, type CustodyRequest, type CustodyRequestState } from './custody-request.js';

/** Where the account of a user at the custody bank stands. */
export class CustodyAccountDocument {
  @ApiProperty({ description: 'Names the request; made here.' })
  readonly requestNo!: string;

  @ApiProperty()
  readonly userId!: string;

  @ApiProperty({
    enum: CUSTODY_REQUEST_STATES,
    description: 'NEW: it is not known that custody has the request. REQUESTED: custody has not decided yet.',
  })
  readonly state!: CustodyRequestState;

  @ApiProperty({ type: String, nullable: true, description: 'Once it is OPENED.' })
  readonly custodyAccountNo!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it was REFUSED: what custody says, or REQUEST_NO_CONFLICT.',
  })
  readonly reason!: string | null;
}

/** It is not known yet whether the request is stored. */
export class UnknownCustodyRequest {
  @ApiProperty({ description: 'Repeat the call.' })
  readonly userId!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}

export function toDocument(request: CustodyRequest): CustodyAccountDocument {
  const { requestNo, userId, state, custodyAccountNo, reason } = request;
  return { requestNo, userId, state, custodyAccountNo, reason };
}
