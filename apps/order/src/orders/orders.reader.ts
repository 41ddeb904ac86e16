import { Injectable } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { BoundedRead, ProblemException } from '@txmsg/service';
import { MoreThan } from 'typeorm';
import { OrderEntity, type OrderStatus } from './order.entity.js';
import { orderDocument, type OrderDocument, type OrderPage } from './order.document.js';

export interface PageRequest {
  readonly status: OrderStatus | undefined;
  /** The last orderNo of the page before. */
  readonly after: string | undefined;
  readonly size: number;
}

/** Shows where orders stand. */
@Injectable()
export class OrdersReader {
  constructor(private readonly read: BoundedRead) {}

  /** @throws ProblemException ORDER_NOT_FOUND */
  async find(orderNo: string): Promise<OrderDocument> {
    const order = await this.read.run((manager) => manager.findOneBy(OrderEntity, { orderNo }));
    if (order) return orderDocument(order);
    throw orderNotFound(orderNo);
  }

  /** Continues after a key instead of counting rows: new orders do not shift the pages. */
  async page({ status, after, size }: PageRequest): Promise<OrderPage> {
    const rows = await this.read.run((manager) =>
      manager.find(OrderEntity, {
        where: { ...(status && { status }), ...(after && { orderNo: MoreThan(after) }) },
        order: { orderNo: 'ASC' },
        take: size + 1,
      }),
    );
    const items = rows.slice(0, size).map(orderDocument);
    return { items, next: rows.length > size ? (items.at(-1)?.orderNo ?? null) : null };
  }
}

export function orderNotFound(orderNo: string): ProblemException {
  return new ProblemException(ProblemCode.ORDER_NOT_FOUND, `There is no order "${orderNo}".`);
}
