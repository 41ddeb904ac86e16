import type { FastifyRequest } from 'fastify';
import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from './problem.exception.js';

type Request = Pick<FastifyRequest, 'headers'>;

/** Headers with which browsers mark a request that nobody has asked for yet. */
const PREFETCH_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];
const PREFETCH = /prefetch|prerender|preview/i;

/**
 * Why a request that changes something is refused, when it is one that a browser sends by itself or for a page of
 * somebody else. Each header that a browser sends must say that the page is this service's own; programs send none.
 */
export function foreignPageProblem(request: Request): ProblemException | undefined {
  const { headers } = request;
  if (PREFETCH_HEADERS.some((name) => PREFETCH.test(String(headers[name] ?? '')))) {
    return refused('A prefetch changes nothing.');
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refused('A page of another site changes nothing (Sec-Fetch-Site).');
  }
  for (const name of ['origin', 'referer'] as const) {
    const page = headers[name];
    if (page === undefined || isOwnPage(page, headers.host ?? '')) continue;
    return refused(`A page of another origin changes nothing (${name}).`);
  }
  return undefined;
}

/** The scheme is not compared: a proxy that ends the TLS before a service does not tell it. */
function isOwnPage(page: string, host: string): boolean {
  if (!URL.canParse(page)) return false;
  const { protocol, host: pageHost } = new URL(page);
  if (!/^https?:$/.test(protocol)) return false;
  const own = `${protocol}//${host}`;
  // Parsed alike, so that case and a default port make no difference.
  return URL.canParse(own) && new URL(own).host === pageHost;
}

function refused(detail: string): ProblemException {
  return new ProblemException(ProblemCode.REQUEST_REFUSED, detail);
}
