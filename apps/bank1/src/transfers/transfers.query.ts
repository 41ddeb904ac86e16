import { ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '@txmsg/service';
import { IsIn, ValidateIf } from 'class-validator';
import { OUTGOING_TRANSFER_STATES, type OutgoingTransferState } from './outgoing-transfer.entity.js';

/** The query of `GET /bank1/transfers`. */
export class TransfersQuery extends PageQuery {
  @ApiPropertyOptional({ enum: OUTGOING_TRANSFER_STATES })
  @ValidateIf((query: TransfersQuery) => query.state !== undefined)
  @IsIn(OUTGOING_TRANSFER_STATES, { message: `must be one of ${OUTGOING_TRANSFER_STATES.join(', ')}` })
  readonly state?: OutgoingTransferState;
}
