import type { RawBodyRequest } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemException } from './problem.exception.js';

/** No body of ours nests deeper than two; what walks a parsed body recursively must not be led into the deep. */
const DEPTH_MAX = 16;

/**
 * JSON is the only body that is read. A form or plain text could be posted by any web page on behalf of a user who
 * looks at it, without the browser asking first. Keys such as `__proto__` are refused.
 *
 * The bytes stay with the request, as Nest's `RawBodyRequest` has them: a signature is over these, and JSON that was parsed
 * and written again has others.
 */
export function acceptOnlyJson(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    (request as RawBodyRequest<FastifyRequest>).rawBody = bytes;
    const text = bytes.toString();
    if (nestsDeeperThan(DEPTH_MAX, text)) {
      const detail = `The body nests deeper than ${DEPTH_MAX} levels.`;
      done(new ProblemException(ProblemCode.MALFORMED_REQUEST, detail));
      return;
    }
    void parseJson(request, text, done);
  });
}

/** Counts brackets outside of strings, without recursion; on text that is not JSON the answer does not matter. */
export function nestsDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === '\\') index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > limit) return true;
  }
  return false;
}
