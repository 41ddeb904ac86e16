import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BankSettings } from '../configuration/bank-settings.js';
import { bearerToken, isSameToken } from '../http/bearer-token.js';
import { ProblemException } from '../http/problem.exception.js';
import { isProven } from './admin-proof.js';

/**
 * Lets a request pass that carries `Authorization: Bearer <ADMIN_TOKEN>`, or reads and carries a proof of knowing that
 * token. Without a configured token there are no admin routes.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly settings: BankSettings) {}

  canActivate(context: ExecutionContext): true {
    const { adminToken, bankName } = this.settings;
    if (adminToken === undefined) {
      const detail = `The admin routes of ${bankName} are off: it was started without ADMIN_TOKEN.`;
      throw new ProblemException(ProblemCode.ROUTE_NOT_FOUND, detail);
    }
    const http = context.switchToHttp();
    const isKnown = knowsToken(http.getRequest<FastifyRequest>(), adminToken);
    if (!isKnown) throw unauthorized(bankName, isKnown !== undefined);
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

function unauthorized(bankName: string, isWrong: boolean): ProblemException {
  const detail = isWrong
    ? 'The admin token is wrong.'
    : 'Send "Authorization: Bearer …" with the admin token of this bank.';
  const challenge = `Bearer realm="${bankName} admin"${isWrong ? ', error="invalid_token"' : ''}`;
  return new ProblemException(ProblemCode.UNAUTHORIZED, detail, {
    headers: { 'www-authenticate': challenge },
  });
}
