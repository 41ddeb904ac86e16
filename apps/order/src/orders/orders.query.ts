import { ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '@txmsg/service';
import { IsIn, ValidateIf } from 'class-validator';
import { ORDER_STATUSES, type OrderStatus } from './order.entity.js';

/** The query of `GET /order/orders`. */
export class OrdersQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ORDER_STATUSES })
  @ValidateIf((query: OrdersQuery) => query.status !== undefined)
  @IsIn(ORDER_STATUSES, { message: `must be one of ${ORDER_STATUSES.join(', ')}` })
  readonly status?: OrderStatus;
}
