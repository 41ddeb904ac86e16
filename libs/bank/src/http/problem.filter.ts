import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemFrom } from './problem-from.js';
import { logProblem } from './problem-log.js';
import { replyProblem } from './problem-reply.js';

/** Answers every error as `application/problem+json` (RFC 9457), and logs those that are ours, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = problemFrom(exception);
    logProblem(this.logger, problem, http.getRequest<FastifyRequest>());
    replyProblem(http.getResponse<FastifyReply>(), problem);
  }
}
