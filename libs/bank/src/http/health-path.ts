import type { FastifyRequest } from 'fastify';
import type { BankSettings } from '../configuration/bank-settings.js';

/** Whether a request is a scrape: it comes every few seconds, however many requests may be made, and is told in no trace. */
export function isScrape(
  { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
  { bankName, metricsEnabled }: Pick<BankSettings, 'bankName' | 'metricsEnabled'>,
): boolean {
  return metricsEnabled && method === 'GET' && url === `/${bankName}/metrics`;
}

/** Whether a request is a probe, which is always answered: also over the limit of requests, and while the bank drains. */
export function isHealthCheck(
  { url }: Pick<FastifyRequest, 'url'>,
  { bankName }: Pick<BankSettings, 'bankName'>,
): boolean {
  return url.startsWith(`/${bankName}/health/`);
}
