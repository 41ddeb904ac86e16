import { Body, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply } from 'fastify';
import { DeadLetters, type DeadLetterResult } from 'txmsg';
import { ServiceSettings } from '../configuration/service-settings.js';
import { BoundedRead } from '../database/bounded-read.js';
import { asDatabaseProblem } from '../database/database-problem.js';
import { ApiProblem } from '../http/problem.document.js';
import { AdminAction, logAdminAction } from './admin-action.js';
import { AdminController } from './admin-controller.decorator.js';
import { DeadLetterIdPipe } from './dead-letter-id.pipe.js';
import {
  DeadLetterDocument,
  DeadLetterOutcomeDocument,
  DeadLetterPageDocument,
  RedriveRequest,
} from './dead-letter.document.js';
import { noSuchDeadLetter, outcomeOf } from './dead-letter.problems.js';
import { DeadLettersQuery, toLibraryQuery } from './dead-letters.query.js';

/** The messages that this service could not consume. */
@AdminController('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly read: BoundedRead,
    private readonly settings: ServiceSettings,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters, page by page, oldest first.' })
  @ApiOkResponse({ type: DeadLetterPageDocument })
  list(@Query() query: DeadLettersQuery): Promise<DeadLetterPageDocument> {
    return this.read.within((timeoutMs) => this.deadLetters.list(toLibraryQuery(query), { timeoutMs }));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A dead letter with its message and what was done about it.' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: DeadLetterDocument })
  @ApiProblem(ProblemCode.DEAD_LETTER_NOT_FOUND)
  async find(@Param('id', DeadLetterIdPipe) id: string): Promise<DeadLetterDocument> {
    const letter = await this.read.within((timeoutMs) => this.deadLetters.find(id, { timeoutMs }));
    if (letter === undefined) throw noSuchDeadLetter(id, this.settings.kind);
    return letter;
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Handles the message again, as if it were delivered now.',
    description:
      'A message that is older than barrier rows are kept becomes EXPIRED instead, unless `evenIfExpired` says otherwise. ' +
      'The call may be repeated: it takes effect once.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: DeadLetterOutcomeDocument })
  @ApiAcceptedResponse({ type: DeadLetterOutcomeDocument, description: 'UNKNOWN: repeat the call.' })
  @ApiProblem(
    ProblemCode.DEAD_LETTER_NOT_FOUND,
    ProblemCode.DEAD_LETTER_CLOSED,
    ProblemCode.DEAD_LETTER_BUSY,
    ProblemCode.DEAD_LETTER_WITHOUT_LISTENER,
    ProblemCode.DEAD_LETTER_FAILED_AGAIN,
    ProblemCode.DEAD_LETTER_BODY_CUT,
  )
  redrive(
    @Param('id', DeadLetterIdPipe) id: string,
    @Body() request: RedriveRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterOutcomeDocument> {
    const { evenIfExpired } = request;
    logAdminAction('dead letter to be re-driven', request, { id, evenIfExpired });
    return this.answer(id, this.deadLetters.redrive(id, request), reply);
  }

  @Post(':id/dismiss')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Gives the message up.',
    description:
      'Its listener decides what that means, as the description of the service says. A message that cannot be read ' +
      'is only closed.',
  })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: DeadLetterOutcomeDocument })
  @ApiAcceptedResponse({ type: DeadLetterOutcomeDocument, description: 'UNKNOWN: repeat the call.' })
  @ApiProblem(
    ProblemCode.DEAD_LETTER_NOT_FOUND,
    ProblemCode.DEAD_LETTER_CLOSED,
    ProblemCode.DEAD_LETTER_BUSY,
    ProblemCode.DEAD_LETTER_WITHOUT_LISTENER,
  )
  dismiss(
    @Param('id', DeadLetterIdPipe) id: string,
    @Body() actor: AdminAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeadLetterOutcomeDocument> {
    logAdminAction('dead letter to be dismissed', actor, { id });
    return this.answer(id, this.deadLetters.dismiss(id, actor), reply);
  }

  private async answer(
    id: string,
    acting: Promise<DeadLetterResult>,
    reply: FastifyReply,
  ): Promise<DeadLetterOutcomeDocument> {
    const result = await acting.catch((error: unknown) => {
      // The library reports a lost COMMIT as UNKNOWN; every other failure of the database means that nothing was done.
      throw asDatabaseProblem(error);
    });
    if (result.outcome === 'UNKNOWN') void reply.code(202).header('retry-after', '2');
    return outcomeOf(id, result, this.settings.kind);
  }
}
