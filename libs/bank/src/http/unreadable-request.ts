import type { Socket } from 'node:net';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from './problem.exception.js';

/**
 * Ends a connection whose request Node could not read, or that took too long to come: no request reached Fastify,
 * so that the problem document is written as it is.
 */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerOf(problemOf(error.code)));
  socket.destroy(error);
}

function problemOf(code: string | undefined): ProblemException {
  switch (code ?? '') {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failed(408, 'The request took too long to come. It did nothing.');
    case 'HPE_HEADER_OVERFLOW':
      return failed(431, 'Address and headers of the request are too long together.');
    default:
      return new ProblemException(ProblemCode.MALFORMED_REQUEST, 'This is no HTTP request.');
  }
}

function failed(status: number, detail: string): ProblemException {
  return new ProblemException(ProblemCode.REQUEST_FAILED, detail, { status });
}

function answerOf(problem: ProblemException): string {
  const body = JSON.stringify(problem.toDocument());
  const lines = [
    `HTTP/1.1 ${problem.getStatus()} ${problem.code}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
