import { Body, Controller, Get, Header, Headers, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemCode, USER_PREFIX, type TwoPhasePattern } from '@txmsg/contracts';
import {
  ApiProblem,
  BoundedRead,
  chooseTxNo,
  IdentifierPipe,
  ProblemException,
  replyTo,
} from '@txmsg/service';
import { refuseColonUnderAt } from '@txmsg/service/seata';
import type { FastifyReply } from 'fastify';
import {
  AccountRegistrationDocument,
  AccountRegistrationReceiptDocument,
  AccountRegistrationRequest,
  UnknownAccountRegistration,
} from './account-registration.document.js';
import { accountRegistrationRows } from './account-registration.rows.js';
import { AccountRegistrationService } from './account-registration.service.js';

@ApiTags('registration')
@Controller('registrations')
export class AccountRegistrationsController {
  constructor(
    private readonly service: AccountRegistrationService,
    private readonly read: BoundedRead,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Register a user with a login account at identity: both are made, or neither is.',
    description:
      'The name must be free at both services. A repeated call is compared by pattern and name; the password of the first ' +
      'one counts.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Your number for this registration, its txNo; with it, any call may be repeated. Under AT without ":".',
  })
  @ApiCreatedResponse({ type: AccountRegistrationReceiptDocument, description: 'Both services commit it.' })
  @ApiOkResponse({
    type: AccountRegistrationReceiptDocument,
    description: 'A repeated key: it is committed.',
  })
  @ApiAcceptedResponse({
    type: UnknownAccountRegistration,
    description: 'Not known yet: repeat the call with this txNo as its Idempotency-Key.',
  })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.MALFORMED_REQUEST,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.NAME_TAKEN,
    ProblemCode.ROLLED_BACK,
    ProblemCode.BODY_TOO_LARGE,
    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    ProblemCode.IDENTITY_NOT_CONFIGURED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async register(
    @Body() { pattern: requested, name, password }: AccountRegistrationRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountRegistrationReceiptDocument | UnknownAccountRegistration> {
    const txNo = chooseTxNo(undefined, idempotencyKey);
    const pattern = requested.toUpperCase() as TwoPhasePattern;
    refuseColonUnderAt(pattern, txNo, 'Idempotency-Key');
    const answer = await this.service.register({ txNo, pattern, name }, password);
    return replyTo(reply, answer, 201, `/${USER_PREFIX}/registrations/${txNo}`);
  }

  @Get(':txNo')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Where a registration stands at this service.' })
  @ApiOkResponse({ type: AccountRegistrationDocument })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.REGISTRATION_NOT_FOUND,
    ProblemCode.IDENTITY_NOT_CONFIGURED,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async find(@Param('txNo', IdentifierPipe) txNo: string): Promise<AccountRegistrationDocument> {
    const row = await this.read.run((manager) => accountRegistrationRows.find(manager, txNo));
    if (row !== undefined) return row;
    throw new ProblemException(
      ProblemCode.REGISTRATION_NOT_FOUND,
      `There is no registration with a login account under the txNo "${txNo}".`,
      { txNo },
    );
  }
}
