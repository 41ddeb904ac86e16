import type { FastifyRequest } from 'fastify';
import type { ServiceSettings } from '../configuration/service-settings.js';

/** Whether a request is a scrape: it comes every few seconds, however many requests may be made, and is told in no trace. */
export function isScrape(
  { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
  { serviceName, metricsEnabled }: Pick<ServiceSettings, 'serviceName' | 'metricsEnabled'>,
): boolean {
  return metricsEnabled && method === 'GET' && url === `/${serviceName}/metrics`;
}

/** Whether a request is a probe, which is always answered: also over the limit of requests, and while the service drains. */
export function isHealthCheck(
  { url }: Pick<FastifyRequest, 'url'>,
  { serviceName }: Pick<ServiceSettings, 'serviceName'>,
): boolean {
  return url.startsWith(`/${serviceName}/health/`);
}
