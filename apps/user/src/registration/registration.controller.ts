import { Body, Controller, Header, Headers, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { ApiProblem, chooseTxNo, replyTo } from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { RegistrationReceipt, UnknownRegistration } from './registration.document.js';
import { RegistrationRequest } from './registration.request.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('registration')
@Controller('register')
export class RegistrationController {
  constructor(private readonly service: RegistrationService) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Register a user, who gets points for it.',
    description:
      'Without `Idempotency-Key` a call that got no answer cannot be repeated safely: the second one would register ' +
      'another user.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Your number for this registration, its txNo; with it, any call may be repeated.',
  })
  @ApiCreatedResponse({ type: RegistrationReceipt, description: 'User and message are committed.' })
  @ApiOkResponse({ type: RegistrationReceipt, description: "A repeated key: the first call's result." })
  @ApiAcceptedResponse({
    type: UnknownRegistration,
    description: 'Not known yet: repeat the call with this txNo as its Idempotency-Key.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async register(
    @Body() { name }: RegistrationRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistrationReceipt | UnknownRegistration> {
    const txNo = chooseTxNo(undefined, idempotencyKey);
    const answer = await this.service.register({ txNo, name });
    return replyTo(reply, answer, 201, location(answer.body));
  }
}

function location(body: RegistrationReceipt | UnknownRegistration): string | undefined {
  return 'userId' in body ? `/user/users/${body.userId}` : undefined;
}
