import { existsSync } from 'node:fs';
import type { StackEnvironment } from './stack-environment.js';
import { initialiseMysql } from './mysql-server.js';
import { provisionDatabases, provisionTopics } from './provisioning.js';
import type { ServerProcess } from './server-process.js';
import type { StackPaths } from './stack-paths.js';
import type { StackSecurity } from './stack-security.js';
import type { StackServers } from './stack-servers.js';

type Progress = (line: string) => void;

export type StartServers = typeof startServers;

/** Starts what does not run as planned, and makes databases, topics and groups; MySQL and RocketMQ side by side. */
export async function startServers(
  servers: StackServers,
  paths: StackPaths,
  mysqlHome: string,
  environment: StackEnvironment,
  security: StackSecurity,
  onProgress: Progress,
): Promise<void> {
  const mysql = async (): Promise<void> => {
    await startMysql(servers.get('mysql'), paths, mysqlHome, onProgress);
    await provisionDatabases(environment.MYSQL_ROOT_URL);
    // It may keep its transactions there.
    await bringUp(servers.get('seata'), onProgress);
  };
  const rocketmq = async (): Promise<void> => {
    // The broker looks for the name server when it starts; if that one is late, it costs ten seconds.
    for (const name of ['namesrv', 'broker'] as const) await bringUp(servers.get(name), onProgress);
    if (environment.ROCKETMQ_NAMESRV) await provisionTopics(environment.ROCKETMQ_NAMESRV, security);
  };
  // One failure must not leave the other half at work behind the caller's back.
  const results = await Promise.allSettled([mysql(), rocketmq()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** The coordinator alone, beside servers that run. */
export const startCoordinator: StartServers = (servers, _paths, _home, _environment, _security, onProgress) =>
  bringUp(servers.get('seata'), onProgress);

export async function stopServers(servers: StackServers): Promise<void> {
  const rocketmq = async (): Promise<void> => {
    // The broker unregisters from the name server, so that one goes last.
    await servers.get('broker')?.stop();
    await servers.get('namesrv')?.stop();
  };
  const mysql = async (): Promise<void> => {
    await servers.get('seata')?.stop();
    await servers.get('mysql')?.stop();
  };
  await Promise.all([mysql(), rocketmq()]);
}

async function startMysql(
  server: ServerProcess | undefined,
  paths: StackPaths,
  home: string,
  onProgress: Progress,
): Promise<void> {
  if (server && !existsSync(paths.mysqlData)) {
    // Its data folder may have been deleted under a running server.
    await server.kill();
    onProgress('Making an empty MySQL …');
    await initialiseMysql(home, paths);
  }
  await bringUp(server, onProgress);
}

async function bringUp(server: ServerProcess | undefined, onProgress: Progress): Promise<void> {
  if (!server) return;
  if (!server.runningAsPlanned) {
    await server.stop();
    await server.plan.prepare?.();
    onProgress(`Starting ${server.plan.name} …`);
    await server.start();
  }
  await server.waitUntilReady();
}
