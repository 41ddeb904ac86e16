import type { Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ProblemException } from './problem.exception.js';

/**
 * Logs what is ours to look into: a 500 as an error with its stack, a 503 that has a cause as a warning. The
 * caller's mistakes, and the refusals of a shutdown, would only fill the log.
 */
export function logProblem(logger: Logger, problem: ProblemException, request: FastifyRequest): void {
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

/** Without the query: it may hold what nobody wants in a log. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

/** What lies beneath: "The local transaction was rolled back" says little without the database's own words. */
function messagesOf(cause: unknown): string[] {
  const messages: string[] = [];
  for (let error = cause; error instanceof Error && messages.length < 5; error = error.cause) {
    messages.push(error.message);
  }
  return messages;
}
