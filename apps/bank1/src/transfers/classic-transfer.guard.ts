import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { foreignPageProblem, isCalledByLoopbackName, ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyRequest } from 'fastify';
import { Bank1Settings } from '../bank1-settings.js';

/**
 * A GET that moves money must come from a person who wants it, so requests that a browser or a proxy makes by itself
 * are refused. A browser says which page a GET belongs to (Sec-Fetch-Site) only over TLS or to loopback: under any other
 * name, an image in any web page could move money. Therefore only loopback's names are served, unless a setting allows
 * more. Fastify answers HEAD with the handler of GET, so HEAD is refused here as well.
 */
@Injectable()
export class ClassicTransferGuard implements CanActivate {
  constructor(private readonly settings: Bank1Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { method } = request;
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
    const problem = foreignPageProblem(request);
    if (problem !== undefined) throw problem;
    if (!this.settings.classicGetAnyHost && !isCalledByLoopbackName(request)) {
      const detail =
        'By GET this bank transfers only when it is called by a name of loopback, such as 127.0.0.1; use POST /bank1/transfers.';
      throw new ProblemException(ProblemCode.HOST_NOT_ALLOWED, detail);
    }
    return true;
  }
}
