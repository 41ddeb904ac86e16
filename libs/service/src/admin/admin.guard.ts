import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceSettings } from '../configuration/service-settings.js';
import { bearerToken, isSameToken } from '../http/bearer-token.js';
import { ProblemException } from '../http/problem.exception.js';
import { isProven } from './admin-proof.js';

/**
 * Lets a request pass that carries `Authorization: Bearer <ADMIN_TOKEN>`, or reads and carries a proof of knowing that
 * token. Without a configured token there are no admin routes.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly settings: ServiceSettings) {}

  canActivate(context: ExecutionContext): true {
    const { adminToken, serviceName } = this.settings;
    if (adminToken === undefined) {
      const detail = `The admin routes of ${serviceName} are off: it was started without ADMIN_TOKEN.`;
      throw new ProblemException(ProblemCode.ROUTE_NOT_FOUND, detail);
    }
    const http = context.switchToHttp();
    const isKnown = knowsToken(http.getRequest<FastifyRequest>(), adminToken);
    if (!isKnown) throw unauthorized(this.settings, isKnown !== undefined);
    void http.getResponse<FastifyReply>().header('cache-control', 'no-store');
    return true;
  }
}

/** Undefined when it says nothing about the token. */
function knowsToken({ method, headers, raw }: FastifyRequest, token: string): boolean | undefined {
  const given = bearerToken(headers.authorization);
  if (given !== undefined) return isSameToken(given, token);
  return method === 'GET' ? isProven(headers.authorization, token, raw.url ?? '') : undefined;
}

function unauthorized({ serviceName, kind }: ServiceSettings, isWrong: boolean): ProblemException {
  const detail = isWrong
    ? 'The admin token is wrong.'
    : `Send "Authorization: Bearer …" with the admin token of this ${kind}.`;
  const challenge = `Bearer realm="${serviceName} admin"${isWrong ? ', error="invalid_token"' : ''}`;
  return new ProblemException(ProblemCode.UNAUTHORIZED, detail, {
    headers: { 'www-authenticate': challenge },
  });
}
