import { Controller, Get, Header, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClassicTransferQuery } from '@txmsg/bank';
import { ApiProblem, chooseTxNo, ClassicGet, replyTo } from '@txmsg/service';
import { normalizeAmount, ProblemCode } from '@txmsg/contracts';
import type { FastifyReply } from 'fastify';
import { TransferReceipt, UnknownTransfer } from './transfer.document.js';
import { TransferService } from './transfer.service.js';

/** The GET that users of the original Java banks know. */
@ApiTags('transfers')
@Controller('transfer')
@ClassicGet({ does: 'transfer', instead: 'POST /bank1/transfers' })
export class ClassicTransferController {
  constructor(private readonly service: TransferService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Transfer, the classic way: the bare address moves 100 from 1 to 2.',
    description:
      'Prefer POST /bank1/transfers. HEAD, prefetches, requests of other sites, and names other than those of loopback are refused.',
  })
  @ApiOkResponse({ type: TransferReceipt })
  @ApiAcceptedResponse({
    type: UnknownTransfer,
    description: 'Not known yet: repeat the call with this txNo.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.HOST_NOT_ALLOWED,
    ProblemCode.REQUEST_REFUSED,
    ProblemCode.CLASSIC_CALL_DISABLED,
    ProblemCode.ACCOUNT_NOT_FOUND,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.INSUFFICIENT_BALANCE,
    ProblemCode.ACCOUNT_FROZEN,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async transfer(
    @Query() { accountNo, toAccountNo, amount, txNo }: ClassicTransferQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TransferReceipt | UnknownTransfer> {
    const answer = await this.service.transfer({
      txNo: chooseTxNo(txNo, undefined),
      accountNo,
      toAccountNo,
      amount: normalizeAmount(amount) ?? amount,
    });
    return replyTo(reply, answer, 200, `/bank1/transfers/${answer.body.txNo}`);
  }
}
