import type { DataSourceOptions } from 'typeorm';

/** How many connections the library keeps for check-backs and outcomes, beside the service's pool. */
const RESERVED_CONNECTIONS_MAX = 2;

/**
 * What the second pool takes over from the service's DataSource: where the server is, how to sign in, and how values are
 * encoded. An allow-list, because other options may do harm: `dropSchema` and `synchronize`
 * change the schema whenever a DataSource is initialised.
 */
const COPIED_OPTIONS = [
  'type',
  'driver',
  'url',
  'host',
  'port',
  'socketPath',
  'username',
  'password',
  'database',
  'ssl',
  'insecureAuth',
  'charset',
  'timezone',
  'connectTimeout',
  'supportBigNumbers',
  'bigNumberStrings',
  'dateStrings',
  'flags',
] as const;

/** Of `extra`, which goes to mysql2 as it is. */
const COPIED_EXTRA = [
  'host',
  'port',
  'socketPath',
  'localAddress',
  'stream',
  'user',
  'password',
  'password1',
  'password2',
  'password3',
  'passwordSha1',
  'authPlugins',
  'authSwitchHandler',
  'enableCleartextPlugin',
  'database',
  'ssl',
  'compress',
  'charset',
  'charsetNumber',
  'timezone',
  'connectTimeout',
  'connectAttributes',
  'enableKeepAlive',
  'keepAliveInitialDelay',
  'idleTimeout',
  'supportBigNumbers',
  'bigNumberStrings',
  'dateStrings',
  'flags',
] as const;

/** With replication, of the server that writes. */
export function reservedOptions(main: DataSourceOptions): DataSourceOptions {
  const options = main as unknown as Readonly<Record<string, unknown>>;
  const { master } = (options.replication ?? {}) as { master?: Readonly<Record<string, unknown>> };
  return {
    ...picked(options, COPIED_OPTIONS),
    ...picked(master, COPIED_OPTIONS),
    extra: {
      ...picked(options.extra as Readonly<Record<string, unknown>> | undefined, COPIED_EXTRA),
      connectionLimit: RESERVED_CONNECTIONS_MAX,
      maxIdle: RESERVED_CONNECTIONS_MAX - 1,
    },
  } as unknown as DataSourceOptions;
}

function picked(
  options: Readonly<Record<string, unknown>> | undefined,
  names: readonly string[],
): Record<string, unknown> {
  const all = Object.entries(options ?? {});
  return Object.fromEntries(all.filter(([name, value]) => names.includes(name) && value !== undefined));
}
