import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The name under which the OpenAPI document describes the admin token. */
export const ADMIN_SECURITY = 'admin';

/** Serves the OpenAPI page at `/<bank>/docs` and its document at `/<bank>/docs-json`. */
export function serveOpenApi(app: INestApplication, bankName: string, description: string): void {
  const config = new DocumentBuilder()
    .setTitle(bankName)
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: "The bank's setting ADMIN_TOKEN." },
      ADMIN_SECURITY,
    )
    .build();
  SwaggerModule.setup(`${bankName}/docs`, app, () => SwaggerModule.createDocument(app, config), {
    jsonDocumentUrl: `${bankName}/docs-json`,
    yamlDocumentUrl: `${bankName}/docs-yaml`,
  });
}
