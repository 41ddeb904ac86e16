import { existsSync } from 'node:fs';
import type { BrokerSettings } from './broker-settings.js';
import { fetchMysql, fetchRocketmq, mysqlFolder, rocketmqFolder } from './downloads.js';
import { ensureDiskSpace } from './disk-space.js';
import type { ExternalServers } from './external-servers.js';
import { planMysql } from './mysql-server.js';
import type { StackPorts } from './ports.js';
import { ensurePreconditions } from './preconditions.js';
import { renderConfiguration, type RocketmqConfiguration } from './rocketmq-configuration.js';
import { planBroker, planNamesrv } from './rocketmq-servers.js';
import { ServerProcess, type ServerName } from './server-process.js';
import { withLock } from './stack-lock.js';
import type { StackPaths } from './stack-paths.js';
import type { StackSecurity } from './stack-security.js';
import { linkRenamedLibaio } from './system-libraries.js';

const INSTALL_DEADLINE_MS = 30 * 60_000;

/** The servers of one stack on given ports; those that others run are not among them. */
export class StackServers {
  readonly configuration: RocketmqConfiguration;
  private readonly servers: ReadonlyMap<ServerName, ServerProcess>;

  constructor(
    cache: string,
    paths: StackPaths,
    ports: StackPorts,
    settings: BrokerSettings,
    security: StackSecurity,
    external: ExternalServers,
    bufferPoolMb: number,
  ) {
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

/**
 * Brings to this machine what the servers need. Several stacks share one cache, so only one at a time does
 * this.
 */
export async function ensureInstalled(
  cache: string,
  paths: StackPaths,
  external: ExternalServers,
  onProgress: (line: string) => void,
): Promise<void> {
  const mysql = !external.mysqlUrl;
  const rocketmq = !external.rocketmqEndpoints;
  const downloads =
    (mysql && !existsSync(mysqlFolder(cache))) || (rocketmq && !existsSync(rocketmqFolder(cache)));
  ensureDiskSpace(paths.directory, { downloads });
  const lock = {
    what: 'installing the servers',
    deadlineMs: INSTALL_DEADLINE_MS,
    onWait: () => {
      onProgress('Waiting for another process that is installing the servers …');
    },
  };
  await withLock(`${cache}/lock`, lock, async () => {
    await ensurePreconditions({ mysql, rocketmq, downloads }, onProgress);
    if (rocketmq) await fetchRocketmq(cache, onProgress);
    if (mysql) {
      await fetchMysql(cache, onProgress);
      await linkRenamedLibaio(mysqlFolder(cache));
    }
  });
}
