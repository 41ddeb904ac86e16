import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '@txmsg/contracts';
import { PageQuery } from '@txmsg/service';
import { DELIVERY_STATES, type DeliveryQuery, type DeliveryState } from '@txmsg/webhooks';
import { IsIn, ValidateIf } from 'class-validator';

/** The query of `GET …/notifications`; left out, a filter lets everything pass. */
export class NotificationsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'The id of a subscriber.' })
  @ValidateIf(({ subscriber }: NotificationsQuery) => subscriber !== undefined)
  @IsIdentifier()
  readonly subscriber?: string;

  @ApiPropertyOptional({ enum: DELIVERY_STATES })
  @ValidateIf(({ state }: NotificationsQuery) => state !== undefined)
  @IsIn(DELIVERY_STATES, { message: `must be one of ${DELIVERY_STATES.join(', ')}` })
  readonly state?: DeliveryState;
}

export function toDeliveryQuery({ subscriber, state, after, limit }: NotificationsQuery): DeliveryQuery {
  return {
    limit: Number(limit),
    ...(subscriber === undefined ? {} : { subscriberId: subscriber }),
    ...(state === undefined ? {} : { state }),
    ...(after === undefined ? {} : { after }),
  };
}
