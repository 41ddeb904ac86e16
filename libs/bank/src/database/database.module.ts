import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { mysqlDataSourceOptions } from 'txmsg';
import type { BankSettings } from '../configuration/bank-settings.js';
import { BoundedRead } from './bounded-read.js';

/** The bank's own database, and bounded reads from it. */
@Global()
@Module({ providers: [BoundedRead], exports: [BoundedRead] })
export class DatabaseModule {
  static forRoot({ mysqlUrl, mysqlConnectionLimit }: BankSettings): DynamicModule {
    const database = TypeOrmModule.forRoot({
      ...mysqlDataSourceOptions(mysqlUrl, { connectionLimit: mysqlConnectionLimit, setting: 'MYSQL_URL' }),
      autoLoadEntities: true,
      // The bank has waited for its database before (waitForDatabase), and does so again; Nest would log a stack for every try.
      toRetry: () => false,
    });
    return { module: DatabaseModule, imports: [database] };
  }
}
