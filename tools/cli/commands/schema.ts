import { mysqlUrlVariable, SERVICES, type ServiceName } from '@txmsg/contracts';
import { readScripts } from '@txmsg/service/provisioning';
import { CommandError, schemaCommands } from 'txmsg/cli';
import { mysqlPlace, parseMysqlUrl } from 'txmsg/mysql';
import type { Call, Command } from '../command.js';
import { databasesOf, UNREADABLE } from '../service-databases.js';

const [status, sql] = schemaCommands<Call>({
  program: 'npm run txmsg --',
  meaning:
    'the databases are those whose variables are set (BANK1_MYSQL_URL), else that of every service, found as "audit" finds those of the banks',
  options: {},
  find: (call) => {
    const services = servicesOf(call);
    const { urls } = databasesOf(call, services);
    return services.map((service) => ({ url: urls[service], script: readScripts(service) }));
  },
});

/** The library's own commands, for every service: its tables of sql/*.sql as well. */
export const [schemaStatus, schemaSql] = [sayingWhence(status), sayingWhence(sql)];

/** Who runs only some of the services has no others to look at. */
function servicesOf({ environment }: Call): readonly ServiceName[] {
  const every = SERVICES.map(({ name }) => name);
  const given = every.filter((name) => environment[mysqlUrlVariable(name)]);
  return given.length > 0 ? given : every;
}

/** When a database cannot be looked at, with the variable that its address is from: the library knows the address only. */
function sayingWhence(command: Command): Command {
  const run: Command['run'] = async (call) => {
    try {
      return await command.run(call);
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== UNREADABLE) throw error;
      const services = servicesOf(call);
      const { urls, from } = databasesOf(call, services);
      const service = services.find((name) =>
        error.message.includes(`${mysqlPlace(parseMysqlUrl(urls[name]))} `),
      );
      if (service === undefined) throw error;
      throw new CommandError(`${error.message} The address is that of ${from[service]}.`, UNREADABLE);
    }
  };
  return { ...command, run };
}
