import { Body, Controller, Get, Header, Headers, Post, Query, Res, type Type } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ClassicTransferQuery, TransferRequest } from '@txmsg/bank';
import { normalizeAmount, ProblemCode, SEATA_BANK1_PREFIX, type TwoPhasePattern } from '@txmsg/contracts';
import { ApiProblem, chooseTxNo, ClassicGet, replyTo } from '@txmsg/service';
import { refuseColonUnderAt } from '@txmsg/service/seata';
import type { FastifyReply } from 'fastify';
import { TransferReceiptDocument, UnknownTransferDocument } from './transfer.document.js';
import { TransferService } from './transfer.service.js';

const PROBLEMS = [
  ProblemCode.INVALID_INPUT,
  ProblemCode.ACCOUNT_NOT_FOUND,
  ProblemCode.TX_NO_CONFLICT,
  ProblemCode.ROLLED_BACK,
  ProblemCode.INSUFFICIENT_BALANCE,
  ProblemCode.ACCOUNT_FROZEN,
  ProblemCode.BALANCE_OVERFLOW,
  ProblemCode.SERVICE_UNAVAILABLE,
] as const;

const UNKNOWN = {
  type: UnknownTransferDocument,
  description: 'Not known yet: repeat the call with this txNo.',
} as const;

/** The calls that make transfers under one pattern: `POST /bank1/tcc/transfers` and the classic `GET /bank1/tcc/transfer`. */
export function newTransfersController(pattern: TwoPhasePattern): Type {
  const path = pattern.toLowerCase();

  @ApiTags('transfers')
  @Controller(path)
  class NewTransfersController {
    constructor(private readonly service: TransferService) {}

    @Post('transfers')
    @Header('Cache-Control', 'no-store')
    @ApiOperation({
      summary: `Transfer money to an account at bank2 under ${pattern}: at both banks or at neither.`,
    })
    @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Another way to give txNo.' })
    @ApiCreatedResponse({ type: TransferReceiptDocument, description: 'Both banks commit it.' })
    @ApiOkResponse({ type: TransferReceiptDocument, description: 'A repeated txNo: it is committed.' })
    @ApiAcceptedResponse(UNKNOWN)
    @ApiProblem(
      ...PROBLEMS,
      ProblemCode.MALFORMED_REQUEST,
      ProblemCode.BODY_TOO_LARGE,
      ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    )
    create(
      @Body() { txNo, ...request }: TransferRequest,
      @Headers('idempotency-key') idempotencyKey: string | undefined,
      @Res({ passthrough: true }) reply: FastifyReply,
    ) {
      return this.make({ ...request, txNo: chooseTxNo(txNo, idempotencyKey) }, reply, 201);
    }

    @Get('transfer')
    @Header('Cache-Control', 'no-store')
    @ClassicGet({ does: 'transfer', instead: `POST /${SEATA_BANK1_PREFIX}/${path}/transfers` })
    @ApiOperation({
      summary: `Transfer under ${pattern}, the classic way: the bare address moves 100 from 1 to 2.`,
      description:
        'Prefer POST. HEAD, prefetches, requests of other sites, and names other than those of loopback are refused.',
    })
    @ApiOkResponse({ type: TransferReceiptDocument })
    @ApiAcceptedResponse(UNKNOWN)
    @ApiProblem(
      ...PROBLEMS,
      ProblemCode.HOST_NOT_ALLOWED,
      ProblemCode.REQUEST_REFUSED,
      ProblemCode.CLASSIC_CALL_DISABLED,
    )
    transfer(
      @Query() { txNo, ...query }: ClassicTransferQuery,
      @Res({ passthrough: true }) reply: FastifyReply,
    ) {
      return this.make({ ...query, txNo: chooseTxNo(txNo, undefined) }, reply, 200);
    }

    private async make(
      request: Omit<TransferRequest, 'txNo'> & { readonly txNo: string },
      reply: FastifyReply,
      status: 200 | 201,
    ) {
      const { accountNo, toAccountNo, amount, txNo } = request;
      refuseColonUnderAt(pattern, txNo, 'txNo');
      const order = { txNo, pattern, accountNo, toAccountNo, amount: normalizeAmount(amount) ?? amount };
      const answer = await this.service.transfer(order);
      return replyTo(reply, answer, status, `/${SEATA_BANK1_PREFIX}/transfers/${txNo}`);
    }
  }
  // Nest tells controllers apart by class; people tell them apart by name.
  Object.defineProperty(NewTransfersController, 'name', { value: `New${pattern}TransfersController` });
  return NewTransfersController;
}
