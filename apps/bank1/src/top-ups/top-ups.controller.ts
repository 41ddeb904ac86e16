import { Body, Controller, Get, Header, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { normalizeAmount, ProblemCode } from '@txmsg/contracts';
import { ApiProblem, IdentifierPipe, replyTo } from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { ExpectedTopUps } from './expected-top-ups.js';
import { TopUpDocument, UnknownTopUp } from './top-up.document.js';
import { ExpectedTopUp } from './top-up.request.js';

@ApiTags('top-ups')
@Controller('topups')
export class TopUpsController {
  constructor(private readonly expected: ExpectedTopUps) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Registers a top-up that a customer was promised; moves no money.',
    description:
      'As long as its end is not known, pay is asked: first after a minute, then ever more seldom.',
  })
  @ApiCreatedResponse({ type: TopUpDocument })
  @ApiOkResponse({ type: TopUpDocument, description: 'It was known already: where it stands.' })
  @ApiAcceptedResponse({ type: UnknownTopUp, description: 'Not known yet: repeat the call.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.ACCOUNT_NOT_FOUND,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async register(
    @Body() { txNo, accountNo, amount }: ExpectedTopUp,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TopUpDocument | UnknownTopUp> {
    const expectation = { txNo, accountNo, amount: normalizeAmount(amount) ?? amount };
    const answer = await this.expected.register(expectation);
    return replyTo(reply, answer, 201, `/bank1/topups/${txNo}`);
  }

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where a top-up stands; asks nobody.' })
  @ApiOkResponse({ type: TopUpDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.TOP_UP_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  find(@Param('txNo', IdentifierPipe) txNo: string): Promise<TopUpDocument> {
    return this.expected.find(txNo);
  }
}
