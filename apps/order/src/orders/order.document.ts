import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ORDER_STATUSES, type OrderEntity, type OrderStatus } from './order.entity.js';

/** The result of an order call; a repeated call with the same contents answers the same. */
export class OrderReceipt {
  @ApiProperty({ example: 'o-7d865e959b2466918c9863af' })
  readonly orderNo!: string;

  @ApiProperty({ example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['PENDING'], description: 'The order is accepted; stock decides about it.' })
  readonly status!: 'PENDING';
}

/** The outcome could not be learnt yet: repeat the call with this txNo, or look for this order later. */
export class UnknownOrder {
  @ApiProperty()
  readonly orderNo!: string;

  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly status!: 'UNKNOWN';
}

/** Where an order stands. */
export class OrderDocument {
  @ApiProperty()
  readonly orderNo!: string;

  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: ORDER_STATUSES })
  readonly status!: OrderStatus;

  @ApiProperty({ example: '1' })
  readonly productId!: string;

  @ApiProperty({ example: 3 })
  readonly payCount!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was cancelled.' })
  readonly reason!: string | null;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty()
  readonly updateTime!: Date;
}

export function orderDocument(order: OrderEntity): OrderDocument {
  const { orderNo, txNo, status, productId, payCount, reason, createTime, updateTime } = order;
  return { orderNo, txNo, status, productId, payCount, reason, createTime, updateTime };
}

export class OrderPage {
  @ApiProperty({ type: [OrderDocument], description: 'In the order of their orderNo.' })
  readonly items!: OrderDocument[];

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Pass it as `after`; null on the last page.',
  })
  readonly next!: string | null;
}
