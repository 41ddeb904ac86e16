import { ApiPropertyOptional } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN, IsIdentifier } from '@txmsg/contracts';
import { IsIn, Matches, ValidateIf } from 'class-validator';
import { ORDER_STATUSES, type OrderStatus } from './order.entity.js';

const PAGE_SIZE_DEFAULT = '20';

/** The query of `GET /order/orders`. */
export class OrdersQuery {
  @ApiPropertyOptional({ enum: ORDER_STATUSES })
  @ValidateIf((query: OrdersQuery) => query.status !== undefined)
  @IsIn(ORDER_STATUSES, { message: `must be one of ${ORDER_STATUSES.join(', ')}` })
  readonly status?: OrderStatus;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 100, default: Number(PAGE_SIZE_DEFAULT) })
  @Matches(/^(?:[1-9]\d?|100)$/, { message: 'must be a whole number from 1 to 100' })
  readonly limit: string = PAGE_SIZE_DEFAULT;

  @ApiPropertyOptional({ description: 'The `next` of the page before.', pattern: IDENTIFIER_PATTERN.source })
  @ValidateIf((query: OrdersQuery) => query.after !== undefined)
  @IsIdentifier()
  readonly after?: string;
}
