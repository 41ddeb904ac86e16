import { Module, type DynamicModule } from '@nestjs/common';
import { DatabaseTransactions } from 'txmsg';
import { ConfiguredFaults, FaultInjector, NoFaults } from 'txmsg/faults';
import { DataSource } from 'typeorm';
import type { ServiceSettings } from '../configuration/service-settings.js';

/** Transactions and fault points for services without messages; for the others txmsg's module has them. */
@Module({})
export class TransactionsModule {
  static forRoot({ faults, faultPoints }: ServiceSettings): DynamicModule {
    return {
      module: TransactionsModule,
      global: true,
      providers: [
        {
          provide: DatabaseTransactions,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => new DatabaseTransactions(dataSource),
        },
        {
          provide: FaultInjector,
          useFactory: () =>
            faults === undefined ? new NoFaults() : new ConfiguredFaults(faults, faultPoints),
        },
      ],
      exports: [DatabaseTransactions, FaultInjector],
    };
  }
}
