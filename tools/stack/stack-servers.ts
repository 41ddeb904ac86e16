import { existsSync } from 'node:fs';
import type { BrokerSettings } from './broker-settings.js';
import type { Coordinator } from './coordinator.js';
import {
  fetchMysql,
  fetchRocketmq,
  fetchSeata,
  mysqlFolder,
  rocketmqFolder,
  seataFolder,
} from './downloads.js';
import { ensureDiskSpace } from './disk-space.js';
import type { ExternalServers } from './external-servers.js';
import { whileInstalling } from './installation-lock.js';
import { mysqlRootUrl } from './mysql-root.js';
import { planMysql } from './mysql-server.js';
import type { StackPorts } from './ports.js';
import { ensurePreconditions } from './preconditions.js';
import { renderConfiguration, type RocketmqConfiguration } from './rocketmq-configuration.js';
import { planBroker, planNamesrv } from './rocketmq-servers.js';
import { planSeata } from './seata-server.js';
import { SEATA_DATABASE, type SeataStore } from './seata-store.js';
import type { SeataVersion } from './seata-version.js';
import { readSecret } from './secret-file.js';
import { ServerProcess, type ServerName, type ServerPlan } from './server-process.js';
import type { StackPaths } from './stack-paths.js';
import type { StackSecurity } from './stack-security.js';
import { linkRenamedLibaio } from './system-libraries.js';

export interface StackShape {
  /** The folder with what was downloaded. */
  readonly cache: string;
  readonly paths: StackPaths;
  readonly ports: StackPorts;
  readonly settings: BrokerSettings;
  readonly security: StackSecurity;
  readonly external: ExternalServers;
  readonly bufferPoolMb: number;
  readonly coordinator: Coordinator | undefined;
}

/** The servers of one stack on given ports; those that others run are not among them. */
export class StackServers {
  readonly configuration: RocketmqConfiguration;
  private readonly servers: ReadonlyMap<ServerName, ServerProcess>;

  constructor(shape: StackShape) {
    const { cache, paths, ports, settings, security, external, bufferPoolMb } = shape;
    this.configuration = renderConfiguration(paths, ports, settings, security);
    const jars = rocketmqFolder(cache);
    const plans = [
      ...(external.mysqlUrl ? [] : [planMysql(mysqlFolder(cache), paths, ports.mysql, bufferPoolMb)]),
      ...(external.rocketmqEndpoints
        ? []
        : [
            planNamesrv(jars, paths, ports, this.configuration),
            planBroker(jars, paths, ports, this.configuration, security),
          ]),
      ...planCoordinator(shape),
    ];
    this.servers = new Map(plans.map((plan) => [plan.name, new ServerProcess(plan)]));
  }

  get(name: ServerName): ServerProcess | undefined {
    return this.servers.get(name);
  }

  all(): ServerProcess[] {
    return [...this.servers.values()];
  }

  names(): Set<ServerName> {
    return new Set(this.servers.keys());
  }

  running(): Set<ServerName> {
    return new Set(this.all().flatMap((server) => (server.running ? [server.plan.name] : [])));
  }
}

function planCoordinator({ cache, paths, ports, external, coordinator }: StackShape): ServerPlan[] {
  if (coordinator === undefined || external.seataServer) return [];
  const store: SeataStore = {
    rootUrl: external.mysqlUrl ?? mysqlRootUrl(paths, ports.mysql),
    database: SEATA_DATABASE,
    password: readSecret(paths.seataDatabasePassword) ?? '',
    ...(external.mysqlUrl ? {} : { socket: paths.mysqlSocket }),
  };
  return [planSeata(seataFolder(cache, coordinator.version), paths, ports, coordinator, store)];
}

/**
 * Brings to this machine what the servers need.
 */
export async function ensureInstalled(
  cache: string,
  paths: StackPaths,
  external: ExternalServers,
  coordinator: SeataVersion | undefined,
  onProgress: (line: string) => void,
): Promise<void> {
  const mysql = !external.mysqlUrl;
  const rocketmq = !external.rocketmqEndpoints;
  const seata = external.seataServer ? undefined : coordinator;
  const downloads =
    (mysql && !existsSync(mysqlFolder(cache))) ||
    (rocketmq && !existsSync(rocketmqFolder(cache))) ||
    (seata !== undefined && !existsSync(seataFolder(cache, seata)));
  ensureDiskSpace(paths.directory, { downloads });
  await whileInstalling(cache, onProgress, async () => {
    await ensurePreconditions({ mysql, java: rocketmq || seata !== undefined, downloads }, onProgress);
    if (rocketmq) await fetchRocketmq(cache, onProgress);
    if (seata !== undefined) await fetchSeata(cache, seata, onProgress);
    if (mysql) {
      await fetchMysql(cache, onProgress);
      await linkRenamedLibaio(mysqlFolder(cache));
    }
  });
}
