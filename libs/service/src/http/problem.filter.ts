import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { ProblemException } from './problem.exception.js';

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: ProblemCode.MALFORMED_REQUEST,
  403: ProblemCode.REQUEST_REFUSED,
  404: ProblemCode.ROUTE_NOT_FOUND,
  405: ProblemCode.METHOD_NOT_ALLOWED,
  413: ProblemCode.BODY_TOO_LARGE,
  415: ProblemCode.UNSUPPORTED_MEDIA_TYPE,
};

/** Answers every error as `application/problem+json` (RFC 9457), and logs those that an operator should see, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  constructor(private readonly settings: ServiceSettings) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = problemFrom(exception, this.settings.kind);
    logProblem(this.logger, problem, http.getRequest<FastifyRequest>());
    replyProblem(http.getResponse<FastifyReply>(), problem);
  }
}

/**
 * Whatever was thrown, as a problem. Errors that Nest and Fastify raise for bad requests keep their status; every other
 * one becomes a 500 that reveals nothing of its cause.
 */
function problemFrom(exception: unknown, kind: string): ProblemException {
  if (exception instanceof ProblemException) return exception;
  if (exception instanceof HttpException && isClientError(exception.getStatus())) {
    const status = exception.getStatus();
    const code = CODE_BY_STATUS[status] ?? ProblemCode.REQUEST_FAILED;
    return new ProblemException(code, detailOf(status, kind) ?? exception.message, {
      status,
      cause: exception,
    });
  }
  return new ProblemException(
    ProblemCode.INTERNAL_ERROR,
    'An unexpected error; what became of the request is not known. It was recorded.',
    { cause: exception },
  );
}

function detailOf(status: number, kind: string): string | undefined {
  switch (status) {
    case 404:
      return 'There is no such address; the OpenAPI page lists all of them.';
    case 413:
      return `The body is larger than this ${kind} accepts.`;
    case 415:
      return 'Send the body as "application/json".';
    default:
      return undefined;
  }
}

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Sends a problem document, unless an answer has begun already. */
export function replyProblem(reply: FastifyReply, problem: ProblemException): void {
  if (reply.sent || reply.raw.headersSent) return;
  void reply
    .code(problem.getStatus())
    .headers({ 'cache-control': 'no-store', ...problem.extras.headers })
    .type('application/problem+json')
    .send(problem.toDocument());
}

/**
 * Logs what an operator should see: a 500 as an error with its stack, a 503 that has a cause as a warning. Mistakes of
 * callers, and refusals during a shutdown, would only fill the log.
 */
function logProblem(logger: Logger, problem: ProblemException, request: FastifyRequest): void {
  const status = problem.getStatus();
  const { txNo, cause } = problem.extras;
  if (status < 500 || (status === 503 && cause === undefined)) return;
  const message = `Answered ${status}: ${problem.detail}`;
  const fields = {
    method: request.method,
    path: pathOf(request),
    code: problem.code,
    ...(txNo === undefined ? {} : { txNo }),
  };
  if (status === 503) logger.warn([message, ...messagesOf(cause)].join(' Because: '), fields);
  else logger.error(message, cause instanceof Error ? cause : problem, fields);
}

/** Without the query, which may hold anything. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

/** The causes, innermost last: "The local transaction was rolled back" says little without the database's own words. */
function messagesOf(cause: unknown): string[] {
  const messages: string[] = [];
  for (let error = cause; error instanceof Error && messages.length < 5; error = error.cause) {
    messages.push(error.message);
  }
  return messages;
}
