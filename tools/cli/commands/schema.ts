import { SERVICES } from '@txmsg/contracts';
import { readScripts } from '@txmsg/service/provisioning';
import { schemaCommands } from 'txmsg/cli';
import type { Call } from '../command.js';
import { databasesOf } from '../service-databases.js';

/** The library's own commands, for every service: its tables of sql/*.sql as well. */
export const [schemaStatus, schemaSql] = schemaCommands<Call>({
  program: 'npm run txmsg --',
  meaning: 'the databases are those of every service, found as "audit" finds those of the banks',
  options: {},
  find: (call) => {
    const services = SERVICES.map(({ name }) => name);
    const { urls } = databasesOf(call, services);
    return services.map((service) => ({ url: urls[service], script: readScripts(service) }));
  },
});
