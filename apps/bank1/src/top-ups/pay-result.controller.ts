import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  ApiProblem,
  ClassicGet,
  IdentifierPipe,
  nothingDone,
  PeerUnansweredError,
  ProblemException,
  replyTo,
} from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { CommitOutcomeUnknownError } from 'txmsg';
import { endOf, PayClient, type Payment } from './pay.client.js';
import { PayAnswers } from './pay-answers.js';
import { PayResultDocument, UnknownTopUp } from './top-up.document.js';
import type { PaymentEnd } from './top-up.js';
import type { TopUpConclusion } from './top-up.ledger.js';

/** The question that users of the original Java bank know. It may credit, so it stands behind the doors of a transfer by GET. */
@ApiTags('top-ups')
@Controller('payresult')
@ClassicGet({ does: 'credit', instead: 'POST /bank1/admin/top-ups/reconciliation' })
export class PayResultController {
  constructor(
    private readonly pay: PayClient,
    private readonly answers: PayAnswers,
  ) {}

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Asks pay what became of a payment, credits it if nobody has, and says what pay said.',
    description:
      'Only `success` credits, once, whether this call or the message comes first. What pay does not know, or has not finished, decides nothing.',
  })
  @ApiOkResponse({ type: PayResultDocument })
  @ApiAcceptedResponse({ type: UnknownTopUp, description: 'Not known yet: repeat the call.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.HOST_NOT_ALLOWED,
    ProblemCode.REQUEST_REFUSED,
    ProblemCode.CLASSIC_CALL_DISABLED,
    ProblemCode.PAYMENT_NOT_FOUND,
    ProblemCode.PAY_NOT_CONFIGURED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async payResult(
    @Param('txNo', IdentifierPipe) txNo: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PayResultDocument | UnknownTopUp> {
    const payment = await this.ask(txNo);
    const end = endOf(payment);
    if (end === undefined) return toDocument(payment, { state: null, reason: null });
    const conclusion = await this.follow(end);
    if (conclusion !== 'UNKNOWN') return toDocument(payment, conclusion);
    return replyTo(reply, { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } as const }, 200, undefined);
  }

  private async ask(txNo: string): Promise<Payment> {
    let found: Payment | 'NOT_FOUND';
    try {
      found = await this.pay.find(txNo);
    } catch (error) {
      if (!(error instanceof PeerUnansweredError)) throw error;
      const detail = 'Pay gave no answer to act on, so this call credited nothing. Repeat it later.';
      const extras = { txNo, cause: error, headers: { 'retry-after': '2' } };
      throw new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, detail, extras);
    }
    if (found !== 'NOT_FOUND') return found;
    const detail = `Pay knows no payment "${txNo}". That decides nothing: it may be made later.`;
    throw new ProblemException(ProblemCode.PAYMENT_NOT_FOUND, detail, { txNo });
  }

  private async follow(end: PaymentEnd): Promise<TopUpConclusion | 'UNKNOWN'> {
    try {
      return await this.answers.follow(end);
    } catch (error) {
      if (error instanceof CommitOutcomeUnknownError) return 'UNKNOWN';
      throw nothingDone({ txNo: end.txNo, what: 'credit' }, error);
    }
  }
}

function toDocument(
  { id, accountNo, payAmount, result }: Payment,
  { state, reason }: Pick<TopUpConclusion, 'state' | 'reason'>,
): PayResultDocument {
  return { id, accountNo, payAmount, result, state, reason };
}
