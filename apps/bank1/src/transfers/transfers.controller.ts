import { Body, Controller, Get, Header, Headers, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { TransferRequest } from '@txmsg/bank';
import { ApiProblem, chooseTxNo, IdentifierPipe, replyTo } from '@txmsg/service';
import { normalizeAmount, ProblemCode } from '@txmsg/contracts';
import type { FastifyReply } from 'fastify';
import { OutgoingTransferReader } from './outgoing-transfer.reader.js';
import { TransferDocument, TransferPage, TransferReceipt, UnknownTransfer } from './transfer.document.js';
import { TransferService } from './transfer.service.js';
import { TransfersQuery } from './transfers.query.js';

@ApiTags('transfers')
@Controller('transfers')
export class TransfersController {
  constructor(
    private readonly service: TransferService,
    private readonly reader: OutgoingTransferReader,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Transfer money to an account at bank2.' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Another way to give txNo.' })
  @ApiCreatedResponse({ type: TransferReceipt, description: 'The local transaction is committed.' })
  @ApiOkResponse({ type: TransferReceipt, description: "A repeated txNo: the first call's result." })
  @ApiAcceptedResponse({
    type: UnknownTransfer,
    description: 'Not known yet: repeat the call with this txNo.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.ACCOUNT_NOT_FOUND,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.INSUFFICIENT_BALANCE,
    ProblemCode.ACCOUNT_FROZEN,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async create(
    @Body() { accountNo, toAccountNo, amount, txNo }: TransferRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TransferReceipt | UnknownTransfer> {
    const answer = await this.service.transfer({
      txNo: chooseTxNo(txNo, idempotencyKey),
      accountNo,
      toAccountNo,
      amount: normalizeAmount(amount) ?? amount,
    });
    return replyTo(reply, answer, 201, `/bank1/transfers/${answer.body.txNo}`);
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Transfers, page by page, in the order of their txNo.' })
  @ApiOkResponse({ type: TransferPage })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.SERVICE_UNAVAILABLE)
  list(@Query() { state, limit, after }: TransfersQuery): Promise<TransferPage> {
    return this.reader.page({ state, after, size: Number(limit) });
  }

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where a transfer stands.' })
  @ApiOkResponse({ type: TransferDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.TRANSFER_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  find(@Param('txNo', IdentifierPipe) txNo: string): Promise<TransferDocument> {
    return this.reader.find(txNo);
  }
}
