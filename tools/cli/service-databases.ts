import { mysqlUrlVariable, serviceNamed, type ServiceName } from '@txmsg/contracts';
import { CommandError, UsageError } from 'txmsg/cli';
import { MysqlUrlError, mysqlPlace, parseMysqlUrl } from 'txmsg/mysql';
import { externalServersOf } from '../stack/external-servers.js';
import { LocalStack } from '../stack/local-stack.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { StackError } from '../stack/stack-error.js';
import type { Call } from './command.js';

export const UNREADABLE = 3;
const ROOT_VARIABLE = 'MYSQL_ROOT_URL';
const STACK = 'the local stack';

export interface ServiceDatabases<Name extends ServiceName> {
  readonly urls: Readonly<Record<Name, string>>;
  /** Where each of them comes from, for messages. */
  readonly from: Readonly<Record<Name, string>>;
  /** An account of the server that has them all. */
  readonly root: string | undefined;
  readonly rootFrom: string;
}

/** The databases of these services: by their variables, else on the server of MYSQL_ROOT_URL, else on the local stack. */
export function databasesOf<Name extends ServiceName>(
  { environment, stackDirectory }: Pick<Call, 'environment' | 'stackDirectory'>,
  services: readonly Name[],
): ServiceDatabases<Name> {
  const variables = services.map(mysqlUrlVariable);
  const { MYSQL_ROOT_URL: root } = environment;
  const given = variables.filter((name) => environment[name]);
  if (given.length === services.length) {
    for (const name of [...variables, ...(root ? ['MYSQL_ROOT_URL'] : [])])
      assertUrl(name, environment[name]);
    const urls = textsOf(services, (service) => environment[mysqlUrlVariable(service)] ?? '');
    const isSame = root && isSameServer(root, ...Object.values<string>(urls));
    return {
      ...{ urls, from: textsOf(services, mysqlUrlVariable) },
      ...{ root: isSame ? root : undefined, rootFrom: ROOT_VARIABLE },
    };
  }
  if (given.length > 0) {
    throw new UsageError(`${variables.join(' and ')} belong together: only ${given.join(', ')} is set.`);
  }
  if (root) {
    assertUrl('MYSQL_ROOT_URL', root);
    const urls = textsOf(services, (name) => withDatabase(root, serviceNamed(name).database));
    return { urls, from: textsOf(services, () => ROOT_VARIABLE), root, rootFrom: ROOT_VARIABLE };
  }
  const { MYSQL_ROOT_URL, ...own } = stackEnvironment(environment, stackDirectory, variables);
  const urls = textsOf(services, (service) => own[mysqlUrlVariable(service)]);
  return { urls, from: textsOf(services, () => STACK), root: MYSQL_ROOT_URL, rootFrom: STACK };
}

function stackEnvironment(
  environment: NodeJS.ProcessEnv,
  directory: string,
  variables: readonly string[],
): StackEnvironment {
  try {
    const stack = new LocalStack({ directory, external: externalServersOf(environment) });
    if (stack.isRunning('mysql')) return stack.env();
  } catch (error) {
    if (error instanceof StackError) throw new CommandError(error.message, UNREADABLE);
    throw error;
  }
  throw new CommandError(
    `There are no databases to read: set ${variables.join(' and ')}, or start the local stack with ` +
      '"npm run stack -- up".',
    UNREADABLE,
  );
}

function textsOf<Name extends ServiceName>(
  services: readonly Name[],
  textOf: (service: Name) => string,
): Readonly<Record<Name, string>> {
  return Object.fromEntries(services.map((service) => [service, textOf(service)])) as Record<Name, string>;
}

function assertUrl(name: string, url = ''): void {
  const problem = problemOf(url, name !== 'MYSQL_ROOT_URL');
  if (problem === undefined) return;
  throw new UsageError(
    `${name} must be a URL of the form mysql://user:password@host:port/database; it ${problem}.`,
  );
}

function problemOf(url: string, needsDatabase: boolean): string | undefined {
  try {
    const { database } = parseMysqlUrl(url);
    return needsDatabase && database === undefined ? 'names no database' : undefined;
  } catch (error) {
    if (error instanceof MysqlUrlError) return error.problem;
    throw error;
  }
}

function isSameServer(...urls: readonly string[]): boolean {
  const places = urls.map((url) => {
    const { host, port } = parseMysqlUrl(url);
    return mysqlPlace({ host, port });
  });
  return new Set(places).size === 1;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
