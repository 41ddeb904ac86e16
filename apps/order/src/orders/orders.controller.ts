import { Body, Controller, Get, Header, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, chooseTxNo, IdentifierPipe, replyTo } from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { OrderCancellation } from './order-cancellation.js';
import { OrderDocument, OrderPage, OrderReceipt, UnknownOrder } from './order.document.js';
import { OrderRequest } from './order.request.js';
import { OrderService } from './order.service.js';
import { OrdersQuery } from './orders.query.js';
import { orderNotFound, OrdersReader } from './orders.reader.js';

const RETRY_AFTER_S = '2';

@ApiTags('orders')
@Controller()
export class OrdersController {
  constructor(
    private readonly service: OrderService,
    private readonly cancellation: OrderCancellation,
    private readonly reader: OrdersReader,
  ) {}

  /** `submitOrder` is the call that users of the original Java services know. */
  @Post(['orders', 'submitOrder'])
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Order some pieces of a product.' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The txNo; without one, a new one is made.',
  })
  @ApiCreatedResponse({ type: OrderReceipt, description: 'The order is accepted.' })
  @ApiOkResponse({ type: OrderReceipt, description: "A repeated key: the first call's result." })
  @ApiAcceptedResponse({ type: UnknownOrder, description: 'Not known yet: repeat the call with this txNo.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async create(
    @Body() { productId, payCount }: OrderRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderReceipt | UnknownOrder> {
    const txNo = chooseTxNo(undefined, idempotencyKey);
    const answer = await this.service.submit({ txNo, productId, payCount });
    return replyTo(reply, answer, 201, `/order/orders/${answer.body.orderNo}`);
  }

  @Post('orders/:orderNo/cancel')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Cancel an order that is PENDING or CONFIRMED; its pieces go back to stock once.',
    description: 'May be repeated. An order that is CANCELLED already is answered as it is.',
  })
  @ApiOkResponse({ type: OrderDocument, description: 'It is CANCELLED.' })
  @ApiAcceptedResponse({ description: 'Not known yet: repeat the call.' })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.ORDER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async cancel(
    @Param('orderNo', IdentifierPipe) orderNo: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderDocument | { readonly orderNo: string; readonly status: 'UNKNOWN' }> {
    const outcome = await this.cancellation.cancel(orderNo);
    switch (outcome.kind) {
      case 'NOT_FOUND':
        throw orderNotFound(orderNo);
      case 'UNKNOWN':
        void reply.code(202).header('retry-after', RETRY_AFTER_S);
        return { orderNo, status: 'UNKNOWN' };
      case 'FIRST':
      case 'REPEATED':
        return outcome.order;
    }
  }

  @Get('orders')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Orders, page by page, in the order of their orderNo.' })
  @ApiOkResponse({ type: OrderPage })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.SERVICE_UNAVAILABLE)
  list(@Query() { status, limit, after }: OrdersQuery): Promise<OrderPage> {
    return this.reader.page({ status, after, size: Number(limit) });
  }

  @Get('orders/:orderNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where an order stands.' })
  @ApiOkResponse({ type: OrderDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.ORDER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  find(@Param('orderNo', IdentifierPipe) orderNo: string): Promise<OrderDocument> {
    return this.reader.find(orderNo);
  }
}
