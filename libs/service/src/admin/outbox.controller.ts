import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import { asDatabaseProblem } from '../database/database-problem.js';
import { ApiProblem } from '../http/problem.document.js';
import { ProblemException } from '../http/problem.exception.js';
import { logAdminAction } from './admin-action.js';
import { AdminController } from './admin-controller.decorator.js';
import { RepublishDocument, RepublishRequest } from './outbox.document.js';

/** The local message table, for a broker that lost its store. */
@AdminController('outbox')
export class OutboxController {
  constructor(private readonly outbox: LocalMessageOutbox) {}

  @Post('republish')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Publishes again what was published since a moment.',
    description:
      'The call may be repeated, also after one that failed half way: consumers drop what they have had.',
  })
  @ApiOkResponse({ type: RepublishDocument })
  @ApiProblem(ProblemCode.OUTCOME_UNKNOWN)
  async republish(@Body() { since, by, note }: RepublishRequest): Promise<RepublishDocument> {
    logAdminAction('outbox published again', { by, note }, { since });
    const republished = await this.outbox.republishSince(new Date(since)).catch((error: unknown) => {
      throw unfinished(asDatabaseProblem(error));
    });
    return { republished };
  }
}

/** There are several transactions, and the first ones may be committed when the database goes away. */
function unfinished(problem: unknown): unknown {
  if (!(problem instanceof ProblemException)) return problem;
  const detail =
    'The database does not answer at the moment. Some of the messages may be on their way already: repeat the call with the same moment; consumers drop what they have had.';
  return new ProblemException(problem.code, detail, problem.extras);
}
