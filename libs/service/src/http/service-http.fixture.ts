import { Module, type Provider, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadSettings } from '../configuration/load-settings.js';
import { ServiceSettings } from '../configuration/service-settings.js';
import { sharedSecret } from '../configuration/setting-rules.js';
import { Setting } from '../configuration/setting.decorator.js';
import { createServiceHttp } from './service-http.js';

class SomeSettings extends ServiceSettings {
  readonly serviceName = 'some-service';
  readonly port = 0;

  @Setting({ name: 'SHARED_SECRET', rule: sharedSecret, secret: true, meaning: 'Signs answers.' })
  readonly sharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.sharedSecret;
  }
}

@Module({})
class SomeModule {}

export interface ServiceHttpFixture {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A service's HTTP below `/some-service`, over whatever a test provides; no servers. */
export async function startServiceHttp({
  controllers,
  providers,
  environment = {},
}: ServiceHttpFixture): Promise<NestFastifyApplication> {
  const settings = loadSettings(SomeSettings, {
    MYSQL_URL: 'mysql://u:p@localhost/none',
    LOG_LEVEL: 'fatal',
    ...environment,
  });
  const app = await createServiceHttp(
    {
      module: SomeModule,
      controllers: [...controllers],
      providers: [{ provide: ServiceSettings, useValue: settings }, ...providers],
    },
    settings,
    'A service for tests.',
  );
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
