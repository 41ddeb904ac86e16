import type { FastifyReply } from 'fastify';
import type { ProblemException } from './problem.exception.js';

/** Sends a problem document, unless an answer has begun already. */
export function replyProblem(reply: FastifyReply, problem: ProblemException): void {
  if (reply.sent || reply.raw.headersSent) return;
  void reply
    .code(problem.getStatus())
    .headers({ 'cache-control': 'no-store', ...problem.extras.headers })
    .type('application/problem+json')
    .send(problem.toDocument());
}
