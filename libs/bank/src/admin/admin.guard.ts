import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BankSettings } from '../configuration/bank-settings.js';
import { ProblemException } from '../http/problem.exception.js';

/** Lets a request pass that carries `Authorization: Bearer <ADMIN_TOKEN>`. Without a configured token there are no admin routes. */
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
    const given = bearerToken(http.getRequest<FastifyRequest>().headers.authorization);
    if (given === undefined || !isSame(given, adminToken)) throw unauthorized(bankName, given !== undefined);
    void http.getResponse<FastifyReply>().header('cache-control', 'no-store');
    return true;
  }
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** Takes the same time whatever is wrong: the digests have one length, and how they differ tells nothing. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
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
