import { Body, Controller, Get, Header, Headers, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { normalizeAmount, ProblemCode } from '@txmsg/contracts';
import {
  ApiProblem,
  chooseTxNo,
  ClassicGet,
  IdentifierPipe,
  ProblemException,
  replyTo,
} from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { PaymentDocument, UnknownPayment } from './payment.document.js';
import { PaydoQuery, TopUpRequest } from './payment.request.js';
import { PaymentService, type PaymentOrder } from './payment.service.js';
import { PaymentStore } from './payment.store.js';

const FAILS =
  'An amount above PAY_AMOUNT_MAX ends as `fail`, which is a payment too, and is told like any other.';

@ApiTags('payments')
@Controller()
export class PaymentsController {
  constructor(
    private readonly service: PaymentService,
    private readonly store: PaymentStore,
  ) {}

  @Post('topups')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Pay for the top-up of an account.',
    description: `${FAILS} Without \`Idempotency-Key\` a call that got no answer cannot be repeated safely.`,
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Your number for this payment, its txNo; with it, any call may be repeated.',
  })
  @ApiCreatedResponse({ type: PaymentDocument, description: 'Payment and message are committed.' })
  @ApiOkResponse({ type: PaymentDocument, description: "A repeated key: the first call's result." })
  @ApiAcceptedResponse({
    type: UnknownPayment,
    description: 'Not known yet: repeat the call with this txNo.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  topUp(
    @Body() { accountNo, amount }: TopUpRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentDocument | UnknownPayment> {
    return this.pay({ txNo: chooseTxNo(undefined, idempotencyKey), accountNo, amount }, reply, 201);
  }

  @Get('paydo')
  @ClassicGet({ does: 'pay', instead: 'POST /pay/topups' })
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Pay, the classic way.',
    description: `${FAILS} Prefer POST /pay/topups. HEAD, prefetches, requests of other sites, and names other than those of loopback are refused.`,
  })
  @ApiOkResponse({ type: PaymentDocument })
  @ApiAcceptedResponse({
    type: UnknownPayment,
    description: 'Not known yet: repeat the call with this txNo.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.HOST_NOT_ALLOWED,
    ProblemCode.REQUEST_REFUSED,
    ProblemCode.CLASSIC_CALL_DISABLED,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  paydo(
    @Query() { accountNo, payAmount, txNo }: PaydoQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentDocument | UnknownPayment> {
    return this.pay({ txNo: chooseTxNo(txNo, undefined), accountNo, amount: payAmount }, reply, 200);
  }

  @Get('payresult/:txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'What became of a payment.',
    description:
      'Waits for a payment that is being committed right now. 404: there is none, and there may be one later.',
  })
  @ApiOkResponse({ type: PaymentDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.PAYMENT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async payResult(@Param('txNo', IdentifierPipe) txNo: string): Promise<PaymentDocument> {
    const payment = await this.store.find(txNo);
    if (payment !== undefined) return payment;
    throw new ProblemException(ProblemCode.PAYMENT_NOT_FOUND, `There is no payment "${txNo}".`, { txNo });
  }

  private async pay(
    { amount, ...order }: PaymentOrder,
    reply: FastifyReply,
    firstStatus: 200 | 201,
  ): Promise<PaymentDocument | UnknownPayment> {
    const answer = await this.service.pay({ ...order, amount: normalizeAmount(amount) ?? amount });
    return replyTo(reply, answer, firstStatus, `/pay/payresult/${order.txNo}`);
  }
}
