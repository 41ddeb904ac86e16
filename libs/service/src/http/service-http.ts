import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { createJsonLogger } from '../logging/json-logger.js';
import { ServiceHttpAdapter } from './service-http.adapter.js';
import { serveOpenApi } from './open-api.js';
import { ProblemFilter } from './problem.filter.js';
import { createValidationPipe } from './validation-pipe.js';

type NestModule = Parameters<typeof NestFactory.create>[0];

/** What Nest must be created with. */
export function applicationOptions(settings: ServiceSettings): NestApplicationOptions {
  return {
    // The adapter brings the only parser that is wanted.
    bodyParser: false,
    // Otherwise Nest ends the process by itself, without a sentence for the operator.
    abortOnError: false,
    logger: createJsonLogger(settings.logLevel),
  };
}

/**
 * A service in front of these modules, in production as in tests: with everything between the socket and the
 * controllers. It neither listens nor is initialised.
 * @param description - stands on the OpenAPI page
 */
export async function createServiceHttp(
  module: NestModule,
  settings: ServiceSettings,
  description: string,
  options = applicationOptions(settings),
): Promise<NestFastifyApplication> {
  const adapter = new ServiceHttpAdapter(settings);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  app.setGlobalPrefix(settings.serviceName);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter(settings));
  serveOpenApi(app, settings, description);
  return app;
}
