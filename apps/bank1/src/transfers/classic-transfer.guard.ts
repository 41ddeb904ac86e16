import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemException } from '@txmsg/bank';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyRequest } from 'fastify';
import { Bank1Settings } from '../bank1-settings.js';

/** Headers with which browsers mark a request that nobody has asked for yet. */
const PREFETCH_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];
const PREFETCH_PATTERN = /prefetch|prerender|preview/i;

/**
 * A GET that moves money must be meant: it is refused to whatever a browser or proxy sends by itself. Fastify
 * answers HEAD with the handler of GET, so that is refused here as well.
 */
@Injectable()
export class ClassicTransferGuard implements CanActivate {
  constructor(private readonly settings: Bank1Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (method !== 'GET') {
      throw new ProblemException(
        ProblemCode.METHOD_NOT_ALLOWED,
        `${method} does not transfer; use GET or POST.`,
        {
          headers: { allow: 'GET' },
        },
      );
    }
    if (!this.settings.classicGetEnabled) {
      const detail = 'This bank does not transfer by GET; use POST /bank1/transfers.';
      throw new ProblemException(ProblemCode.CLASSIC_CALL_DISABLED, detail);
    }
    if (PREFETCH_HEADERS.some((name) => PREFETCH_PATTERN.test(String(headers[name] ?? '')))) {
      throw new ProblemException(ProblemCode.REQUEST_REFUSED, 'A prefetch does not transfer.');
    }
    if (headers['sec-fetch-site'] === 'cross-site') {
      throw new ProblemException(ProblemCode.REQUEST_REFUSED, 'A page of another site does not transfer.');
    }
    return true;
  }
}
