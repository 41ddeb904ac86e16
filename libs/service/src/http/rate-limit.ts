import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemCode } from '@txmsg/contracts';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { isHealthCheck, isScrape } from './health-path.js';
import { ProblemException } from './problem.exception.js';

const WINDOW_MS = 60_000;

/**
 * Lets each client address make so many requests a minute, whatever they are for; only health and metrics are always answered.
 * Checked before the body is read, so what is refused has done nothing. Each instance counts for itself.
 */
export function limitRequests(fastify: FastifyInstance, settings: ServiceSettings): void {
  const { httpRateLimitPerMinute: max } = settings;
  if (max === 0) return;
  // Not its own hooks: those pass by what no route takes.
  void fastify.register(rateLimit, { global: false, max, timeWindow: WINDOW_MS });
  let check: ReturnType<FastifyInstance['createRateLimit']> | undefined;
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    if (isHealthCheck(request, settings) || isScrape(request, settings)) return;
    check ??= fastify.createRateLimit();
    const use = await check(request);
    if (!use.isAllowed && use.isExceeded) throw tooMany(max, use.ttlInSeconds);
  });
}

function tooMany(max: number, afterSeconds: number): ProblemException {
  return new ProblemException(
    ProblemCode.TOO_MANY_REQUESTS,
    `More than ${max} requests came from your address within a minute. This one did nothing.`,
    { headers: { 'retry-after': String(Math.max(1, afterSeconds)) } },
  );
}
