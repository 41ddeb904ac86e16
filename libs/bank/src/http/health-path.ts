import type { FastifyRequest } from 'fastify';
import type { BankSettings } from '../configuration/bank-settings.js';

/** Whether a request is a probe, which is always answered: also over the limit of requests, and while the bank drains. */
export function isHealthCheck(
  { url }: Pick<FastifyRequest, 'url'>,
  { bankName }: Pick<BankSettings, 'bankName'>,
): boolean {
  return url.startsWith(`/${bankName}/health/`);
}
