import { Body, Controller, Get, Header, HttpCode, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
  ApiExtraModels,
} from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, IdentifierPipe } from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { OpeningDocument, UnknownOpening } from './opening.document.js';
import { OpeningRequest } from './opening.request.js';
import { OpeningService } from './opening.service.js';

const RETRY_AFTER_S = '2';

@ApiTags('accounts')
@ApiExtraModels(OpeningDocument, UnknownOpening)
@Controller()
export class OpeningsController {
  constructor(private readonly service: OpeningService) {}

  @Post('accounts')
  @HttpCode(202)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Ask for an account; it is accepted at once, and decided later.',
    description: 'May be repeated with its requestNo: the answer is where that request stands.',
  })
  @ApiAcceptedResponse({
    description: 'The request is stored. With status UNKNOWN that is not known yet: repeat the call.',
    schema: { oneOf: [OpeningDocument, UnknownOpening].map((model) => ({ $ref: getSchemaPath(model) })) },
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async open(
    @Body() { requestNo, userId, name }: OpeningRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OpeningDocument | UnknownOpening> {
    const answer = await this.service.open({ requestNo, userId, name });
    if (answer.status === 'UNKNOWN') void reply.header('retry-after', RETRY_AFTER_S);
    void reply.header('location', `/custody/requests/${requestNo}`);
    return answer;
  }

  @Get('requests/:requestNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Where a request stands.',
    description:
      'For whoever has not heard: a message about the result need not arrive. The row is kept indefinitely.',
  })
  @ApiOkResponse({ type: OpeningDocument })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.CUSTODY_REQUEST_NOT_FOUND,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  find(@Param('requestNo', IdentifierPipe) requestNo: string): Promise<OpeningDocument> {
    return this.service.find(requestNo);
  }
}
