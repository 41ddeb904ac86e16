import type { NestApplicationOptions } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BankSettings } from '../configuration/bank-settings.js';
import { createJsonLogger } from '../logging/json-logger.js';
import { serveOpenApi } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { createValidationPipe } from './validation-pipe.js';

/** What Nest must be created with, in production as in tests. */
export function bankApplicationOptions(settings: BankSettings): NestApplicationOptions {
  return {
    // The adapter brings the only parser that is wanted.
    bodyParser: false,
    // Otherwise Nest ends the process by itself, without a sentence for the operator.
    abortOnError: false,
    logger: createJsonLogger(settings.logLevel),
  };
}

/** Everything between the socket and the controllers that is not the adapter's. */
export function configureBankHttp(
  app: NestFastifyApplication,
  settings: BankSettings,
  description: string,
): void {
  app.setGlobalPrefix(settings.bankName);
  app.enableCsrfProtection();
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  serveOpenApi(app, settings.bankName, description);
}
