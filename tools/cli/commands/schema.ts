import { mysqlUrlVariable, SERVICES } from '@txmsg/contracts';
import { readScripts } from '@txmsg/service/provisioning';
import { schemaCommands } from 'txmsg/cli';
import type { Call } from '../command.js';
import { databasesOf } from '../service-databases.js';

/** The library's own commands, for every service, whose tables in sql/*.sql they look at, too. */
export const [schemaStatus, schemaSql] = schemaCommands<Call>({
  program: 'npm run txmsg --',
  meaning:
    'the databases are those whose variables are set (BANK1_MYSQL_URL), else that of every service, found as "audit" finds those of the banks',
  options: {},
  find: (call) => {
    // Who runs only some of the services has no others to look at.
    const every = SERVICES.map(({ name }) => name);
    const given = every.filter((name) => call.environment[mysqlUrlVariable(name)]);
    const services = given.length > 0 ? given : every;
    const { urls, from } = databasesOf(call, services);
    return services.map((service) => ({
      url: urls[service],
      from: from[service],
      script: readScripts(service),
    }));
  },
});
