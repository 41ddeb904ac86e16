import { HttpException } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from './problem.exception.js';

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: ProblemCode.MALFORMED_REQUEST,
  403: ProblemCode.REQUEST_REFUSED,
  404: ProblemCode.ROUTE_NOT_FOUND,
  405: ProblemCode.METHOD_NOT_ALLOWED,
  413: ProblemCode.BODY_TOO_LARGE,
  415: ProblemCode.UNSUPPORTED_MEDIA_TYPE,
};

const DETAIL_BY_STATUS: Readonly<Record<number, string>> = {
  404: 'There is no such address; the OpenAPI page lists all of them.',
  413: 'The body is larger than this bank accepts.',
  415: 'Send the body as "application/json".',
};

/**
 * Any thrown thing as a problem. Errors that Nest and Fastify raise for bad requests keep their status; whatever
 * was not meant for the caller becomes a 500 that says nothing about the inside.
 */
export function problemFrom(exception: unknown): ProblemException {
  if (exception instanceof ProblemException) return exception;
  if (exception instanceof HttpException && isClientError(exception.getStatus())) {
    const status = exception.getStatus();
    const code = CODE_BY_STATUS[status] ?? ProblemCode.REQUEST_FAILED;
    return new ProblemException(code, DETAIL_BY_STATUS[status] ?? exception.message, {
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

function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}
