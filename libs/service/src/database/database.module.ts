import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { mysqlDataSourceOptions } from 'txmsg';
import type { DataSourceOptions } from 'typeorm';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { BoundedRead } from './bounded-read.js';
import { EndingDataSource } from './ending.data-source.js';

/** The service's own database, and bounded reads from it. */
@Global()
@Module({ providers: [BoundedRead], exports: [BoundedRead] })
export class DatabaseModule {
  static forRoot(settings: ServiceSettings): DynamicModule {
    const options: TypeOrmModuleOptions = {
      ...mysqlDataSourceOptions(settings.mysqlUrl, {
        connectionLimit: settings.mysqlConnectionLimit,
        connectTimeoutMs: settings.mysqlConnectTimeoutMs,
        setting: 'MYSQL_URL',
      }),
      autoLoadEntities: true,
      // The service has waited for its database before (waitForDatabase), and does so again; Nest would log a stack for every try.
      toRetry: () => false,
    };
    const database = TypeOrmModule.forRootAsync({
      useFactory: () => options,
      // Nest adds the entities to the options that it passes in.
      dataSourceFactory: (complete) =>
        Promise.resolve(new EndingDataSource(complete ?? (options as DataSourceOptions))),
    });
    return { module: DatabaseModule, imports: [database] };
  }
}
