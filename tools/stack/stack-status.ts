import { parseMysqlUrl } from 'txmsg/mysql';
import { coordinatorHost, type Coordinator } from './coordinator.js';
import type { ExternalServers } from './external-servers.js';
import type { StackPorts } from './ports.js';
import type { SeataVersion } from './seata-version.js';
import type { ServerName } from './server-process.js';
import type { StackServers } from './stack-servers.js';

/** A pid is null when the server does not run, or is not ours. */
export interface StackStatus {
  readonly mysql: { readonly pid: number | null; readonly port: number };
  readonly namesrv: { readonly pid: number | null; readonly port: number };
  readonly broker: { readonly pid: number | null; readonly port: number; readonly proxyPort: number };
  /** While the stack has one. */
  readonly seata?: CoordinatorStatus;
}

export interface CoordinatorStatus {
  readonly pid: number | null;
  readonly version: SeataVersion;
  readonly host: string;
  readonly port: number;
  readonly consolePort: number;
}

export function statusOf(
  servers: StackServers,
  ports: StackPorts,
  external: ExternalServers,
  coordinator: Coordinator | undefined,
): StackStatus {
  const pid = (name: ServerName): number | null => servers.get(name)?.pid ?? null;
  return {
    mysql: { pid: pid('mysql'), port: portOf(external.mysqlUrl) ?? ports.mysql },
    namesrv: { pid: pid('namesrv'), port: ports.namesrv },
    broker: { pid: pid('broker'), port: ports.broker, proxyPort: ports.proxy },
    ...(coordinator && {
      seata: {
        pid: pid('seata'),
        version: coordinator.version,
        host: coordinatorHost(coordinator),
        port: ports.seata,
        consolePort: ports.seataConsole,
      },
    }),
  };
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : parseMysqlUrl(url).port;
}
