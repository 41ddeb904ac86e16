import { Body, Get, HttpCode, Module, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { DurableJobs, InvalidArgumentError } from 'txmsg';
import { asDatabaseProblem } from '../database/database-problem.js';
import { readAfterCommit } from '../database/read-after-commit.js';
import { IdentifierPipe } from '../http/identifier.pipe.js';
import { ApiProblem } from '../http/problem.document.js';
import { ProblemException } from '../http/problem.exception.js';
import { fieldProblem, invalidInput } from '../http/validation-pipe.js';
import { AdminAction, logAdminAction } from './admin-action.js';
import { AdminController } from './admin-controller.decorator.js';
import { JobDocument, JobPageDocument, JobsQuery } from './job.document.js';

/** The durable jobs of a service that has some. */
@AdminController('jobs')
export class JobsController {
  constructor(private readonly jobs: DurableJobs) {}

  @Get()
  @ApiOperation({ summary: 'Durable jobs, page by page.' })
  @ApiOkResponse({ type: JobPageDocument })
  async list(@Query() { limit, ...filter }: JobsQuery): Promise<JobPageDocument> {
    return this.jobs.list({ ...filter, limit: Number(limit) }).catch(asProblem);
  }

  @Post(':kind/:key/retry')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a FAILED job go on with the step that failed.' })
  @ApiOkResponse({ type: JobDocument })
  @ApiProblem(ProblemCode.JOB_NOT_FOUND, ProblemCode.JOB_NOT_FAILED, ProblemCode.OUTCOME_UNKNOWN)
  async retry(
    @Param('kind', IdentifierPipe) kind: string,
    @Param('key', IdentifierPipe) key: string,
    @Body() actor: AdminAction,
  ): Promise<JobDocument> {
    logAdminAction('durable job to be retried', actor, { kind, key });
    const outcome = await this.jobs.retry(kind, key).catch(asProblem);
    if (outcome === 'NOT_FAILED') {
      const detail = `The job "${key}" of kind "${kind}" has not failed, so nothing was done.`;
      throw new ProblemException(ProblemCode.JOB_NOT_FAILED, detail);
    }
    const find = (): Promise<JobDocument | undefined> => this.jobs.find(kind, key);
    const job = outcome === 'NOT_FOUND' ? undefined : await readAfterCommit(find);
    if (job !== undefined) return job;
    throw new ProblemException(
      ProblemCode.JOB_NOT_FOUND,
      `This service has no job "${key}" of kind "${kind}".`,
    );
  }
}

function asProblem(error: unknown): never {
  if (error instanceof InvalidArgumentError)
    throw invalidInput([fieldProblem(error.field, error.value, error.rule)]);
  throw asDatabaseProblem(error);
}

/** The admin routes of durable jobs, for services that have some: they import it beside `ServiceModule`. */
@Module({ controllers: [JobsController] })
export class JobsAdminModule {}
