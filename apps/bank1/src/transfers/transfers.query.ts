import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { IsIn, Matches, ValidateIf } from 'class-validator';
import { OUTGOING_TRANSFER_STATES, type OutgoingTransferState } from './outgoing-transfer.entity.js';

export const PAGE_SIZE_DEFAULT = '20';

/** The query of `GET /bank1/transfers`. */
export class TransfersQuery {
  @ApiPropertyOptional({ enum: OUTGOING_TRANSFER_STATES })
  @ValidateIf((query: TransfersQuery) => query.state !== undefined)
  @IsIn(OUTGOING_TRANSFER_STATES, { message: `must be one of ${OUTGOING_TRANSFER_STATES.join(', ')}` })
  readonly state?: OutgoingTransferState;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: Number(PAGE_SIZE_DEFAULT) })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = PAGE_SIZE_DEFAULT;

  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf((query: TransfersQuery) => query.after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
