import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemCode } from '@txmsg/contracts';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { hostOf, isLoopback, listeningName } from '../configuration/host-name.js';
import { isHealthCheck } from './health-path.js';
import { foreignPageProblem } from './foreign-page.rule.js';
import { ProblemException } from './problem.exception.js';

const SHOWN_LENGTH_MAX = 64;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what web pages of others may have sent, before a body is read: requests by a name that is not the service's
 * own, since the owner of a name can let it point here and then counts as the same origin; and a request that changes
 * something and is not known to be a program's or the service's own page. Health changes and tells nothing.
 */
export function guardDoor(fastify: FastifyInstance, settings: ServiceSettings): void {
  const names = ownNames(settings);
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(isHealthCheck(request, settings) ? undefined : doorProblem(request, names, settings.kind));
  });
}

/** True when a program or a page on the service's own machine has called it. What the address of the peer says, is no proof: in a container it is the bridge's. */
export function isCalledByLoopbackName({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const host = hostOf(headers.host ?? '');
  return host !== undefined && isLoopback(host);
}

function ownNames({ host, httpAllowedHosts }: ServiceSettings): ReadonlySet<string> {
  const listening = listeningName(host);
  return new Set([...httpAllowedHosts, ...(listening === undefined ? [] : [listening])]);
}

function doorProblem(
  request: FastifyRequest,
  names: ReadonlySet<string>,
  kind: string,
): ProblemException | undefined {
  if (hostHeaders(request) > 1) {
    return new ProblemException(ProblemCode.MALFORMED_REQUEST, 'There is more than one Host header.');
  }
  const foreign = calledNames(request).find((name) => !isOwn(name, names));
  if (foreign !== undefined) return unknownHost(foreign, kind);
  return SAFE_METHODS.has(request.method) ? undefined : foreignPageProblem(request);
}

/** Node keeps the first one and says nothing. */
function hostHeaders({ raw: { rawHeaders } }: FastifyRequest): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** The name in the header, and that in a target of the form `http://name/path`. */
function calledNames({ headers, raw }: FastifyRequest): string[] {
  const target = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(raw.url ?? '')?.[1];
  return [headers.host ?? '', ...(target === undefined ? [] : [target])];
}

function isOwn(name: string, names: ReadonlySet<string>): boolean {
  const host = hostOf(name);
  return host !== undefined && (isLoopback(host) || names.has(host));
}

function unknownHost(name: string, kind: string): ProblemException {
  const shown = JSON.stringify(name.slice(0, SHOWN_LENGTH_MAX));
  const detail = `This ${kind} does not go by the name ${shown}. Its operator may allow names by HTTP_ALLOWED_HOSTS.`;
  return new ProblemException(ProblemCode.HOST_NOT_ALLOWED, detail);
}
