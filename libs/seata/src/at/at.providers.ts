import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AtBranchProbe } from './at-branch.probe.js';
import { resolveAtOptions, type AtOptions, type AtSettings, type DatabaseAddress } from './at.options.js';
import { AtResource } from './at.resource.js';
import { AtTransactions } from './at-transactions.js';
import { GlobalLocks } from './global-locks.js';
import { AT_DATABASE, AT_SETTINGS, type AtDatabase } from './at.tokens.js';
import { TableMetadataCache } from './table/table-metadata.cache.js';

/** Under this token the module provides what the service says of AT: `AtOptions`, or undefined when it is off. */
export const AT_OPTIONS = Symbol('AT_OPTIONS');

/** The parts of AT. Beside them the module needs `AT_OPTIONS`; it registers AtResource and calls its start and stop. */
export const AT_PROVIDERS: Provider[] = [
  {
    provide: AT_SETTINGS,
    inject: [AT_OPTIONS, DataSource],
    useFactory: (options: AtOptions | undefined, { options: address }: DataSource): AtSettings =>
      resolveAtOptions(options, address as DatabaseAddress),
  },
  {
    provide: AT_DATABASE,
    inject: [AT_SETTINGS, DataSource],
    useFactory: ({ metadataMaxAgeMs }: AtSettings, { options }: DataSource): AtDatabase => ({
      name: (options as DatabaseAddress).database ?? '',
      tables: new TableMetadataCache(metadataMaxAgeMs),
    }),
  },
  AtBranchProbe,
  AtTransactions,
  AtResource,
  GlobalLocks,
];
