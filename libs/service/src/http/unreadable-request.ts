import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from './problem.exception.js';

/**
 * Ends a connection whose request Node could not read, or that took too long to come: no request reached Fastify,
 * so that the problem document is written as it is.
 */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable && !owesAnswer(socket)) socket.write(answerOf(problemOf(error.code)));
  socket.destroy(error);
}

/**
 * Whether a request that came whole on this connection is still being worked on: what is written now would be read
 * as its answer, and would say that it did nothing. Node keeps the answer that is due on the socket.
 */
function owesAnswer(socket: Socket): boolean {
  const { _httpMessage: due } = socket as Socket & {
    readonly _httpMessage?: { req: IncomingMessage } | null;
  };
  return due?.req.complete === true;
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
