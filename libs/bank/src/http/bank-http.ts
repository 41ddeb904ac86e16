import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BankSettings } from '../configuration/bank-settings.js';
import { createJsonLogger } from '../logging/json-logger.js';
import { BankHttpAdapter } from './bank-http.adapter.js';
import { serveOpenApi } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { createValidationPipe } from './validation-pipe.js';

type NestModule = Parameters<typeof NestFactory.create>[0];

/** What Nest must be created with. */
export function bankApplicationOptions(settings: BankSettings): NestApplicationOptions {
  return {
    // The adapter brings the only parser that is wanted.
    bodyParser: false,
    // Otherwise Nest ends the process by itself, without a sentence for the operator.
    abortOnError: false,
    logger: createJsonLogger(settings.logLevel),
  };
}

/**
 * A bank in front of these modules, in production as in tests: with everything between the socket and the
 * controllers. It neither listens nor is initialised.
 * @param description - stands on the OpenAPI page
 */
export async function createBankHttp(
  module: NestModule,
  settings: BankSettings,
  description: string,
  options = bankApplicationOptions(settings),
): Promise<NestFastifyApplication> {
  const adapter = new BankHttpAdapter(settings);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  app.setGlobalPrefix(settings.bankName);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  serveOpenApi(app, settings.bankName, description);
  return app;
}
