import { Controller, Get, Header, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, IdentifierPipe } from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { CustodyAccountDocument, UnknownCustodyRequest } from './custody.document.js';
import { CustodyService } from './custody.service.js';

const RETRY_AFTER_S = '2';

@ApiTags('custody')
@ApiExtraModels(CustodyAccountDocument, UnknownCustodyRequest)
@Controller('users/:userId/custody-account')
export class CustodyAccountController {
  constructor(private readonly service: CustodyService) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Have an account opened at the custody bank, for a user who has none.',
    description:
      'May be repeated: a user has one request, until it is refused. Look at the same address what became of it.',
  })
  @ApiAcceptedResponse({
    description:
      'The request is stored, and custody is told. With state UNKNOWN that is not known yet: repeat the call.',
    schema: {
      oneOf: [CustodyAccountDocument, UnknownCustodyRequest].map((model) => ({ $ref: getSchemaPath(model) })),
    },
  })
  @ApiOkResponse({ type: CustodyAccountDocument, description: 'The user has asked for one before.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.USER_NOT_FOUND,
    ProblemCode.USER_PENDING,
    ProblemCode.CUSTODY_NOT_CONFIGURED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async request(
    @Param('userId', IdentifierPipe) userId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustodyAccountDocument | UnknownCustodyRequest> {
    const { kind, body } = await this.service.request(userId);
    void reply.code(kind === 'REPEATED' ? 200 : 202).headers({
      location: `/user/users/${userId}/custody-account`,
      ...(kind === 'UNKNOWN' && { 'retry-after': RETRY_AFTER_S }),
    });
    return body;
  }

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where the account of a user at the custody bank stands.' })
  @ApiOkResponse({ type: CustodyAccountDocument })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.CUSTODY_REQUEST_NOT_FOUND,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  find(@Param('userId', IdentifierPipe) userId: string): Promise<CustodyAccountDocument> {
    return this.service.find(userId);
  }
}
