import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { ServiceSettings } from '../configuration/service-settings.js';

/** The name under which the OpenAPI document describes the admin token. */
export const ADMIN_SECURITY = 'admin';

/** Serves the OpenAPI page at `/<service>/docs` and its document at `/<service>/docs-json`. */
export function serveOpenApi(
  app: INestApplication,
  { serviceName, kind }: ServiceSettings,
  description: string,
): void {
  const config = new DocumentBuilder()
    .setTitle(serviceName)
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: `The ${kind}'s setting ADMIN_TOKEN.` },
      ADMIN_SECURITY,
    )
    .build();
  SwaggerModule.setup(`${serviceName}/docs`, app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: `${serviceName}/docs-json`,
    yamlDocumentUrl: `${serviceName}/docs-yaml`,
  });
}
