import { Module, type Provider, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BankSettings } from '../configuration/bank-settings.js';
import { loadSettings } from '../configuration/load-settings.js';
import { createBankHttp } from './bank-http.js';

class SomeBankSettings extends BankSettings {
  readonly bankName = 'some-bank';
  readonly port = 0;
}

@Module({})
class SomeBankModule {}

export interface BankHttpFixture {
  readonly controllers: readonly Type[];
  readonly providers: readonly Provider[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A bank's HTTP below `/some-bank`, over whatever a test provides; no servers. */
export async function startBankHttp({
  controllers,
  providers,
  environment = {},
}: BankHttpFixture): Promise<NestFastifyApplication> {
  const settings = loadSettings(SomeBankSettings, {
    MYSQL_URL: 'mysql://u:p@localhost/none',
    ROCKETMQ_ENDPOINTS: 'localhost:1',
    LOG_LEVEL: 'fatal',
    ...environment,
  });
  const app = await createBankHttp(
    {
      module: SomeBankModule,
      controllers: [...controllers],
      providers: [{ provide: BankSettings, useValue: settings }, ...providers],
    },
    settings,
    'A bank for tests.',
  );
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
