import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RocketmqAdmin } from 'txmsg/admin';
import { acceptsConnections, fingerprint } from './java-server.js';
import { javaProgram } from './preconditions.js';
import { portsTakenBy, type StackPorts } from './ports.js';
import {
  brokerStore,
  configurationFiles,
  LOOPBACK,
  type RocketmqConfiguration,
} from './rocketmq-configuration.js';
import type { ServerName, ServerPlan } from './server-process.js';
import type { StackPaths } from './stack-paths.js';
import { javaSecurity, type StackSecurity } from './stack-security.js';

const READY_DEADLINE_MS = 120_000;

export function planNamesrv(
  jars: string,
  paths: StackPaths,
  ports: StackPorts,
  { namesrv }: RocketmqConfiguration,
): ServerPlan {
  const marker = `-Dtxmsg.server=${paths.namesrvData}`;
  return {
    name: 'namesrv',
    program: javaProgram(),
    arguments: [
      ...['-Xms64m', '-Xmx256m', marker, fingerprint(namesrv)],
      ...javaArguments(jars, paths, 'namesrv'),
      'org.apache.rocketmq.namesrv.NamesrvStartup',
      ...['-c', configurationFiles(paths).namesrv],
    ],
    marker,
    ports: [ports.namesrv],
    workingDirectory: paths.directory,
    logFile: join(paths.logs, 'namesrv.log'),
    readyDeadlineMs: READY_DEADLINE_MS,
    // It knows only what brokers tell it; its clean stop takes five seconds.
    stopSignal: 'SIGKILL',
    isReady: () => acceptsConnections(LOOPBACK, ports.namesrv),
  };
}

/** Broker and proxy in one process: proxy local mode, the smallest set-up that serves gRPC clients. */
export function planBroker(
  jars: string,
  paths: StackPaths,
  ports: StackPorts,
  { broker, proxy }: RocketmqConfiguration,
  security: StackSecurity = {},
): ServerPlan {
  const marker = `-Dtxmsg.server=${paths.brokerData}`;
  const files = configurationFiles(paths);
  return {
    name: 'broker',
    program: javaProgram(),
    arguments: [
      ...['-Xms512m', '-Xmx1g', '-XX:MaxDirectMemorySize=1g', marker, fingerprint(broker + proxy)],
      ...javaSecurity(security),
      ...javaArguments(jars, paths, 'broker'),
      'org.apache.rocketmq.proxy.ProxyStartup',
      ...['-pm', 'local', '-bc', files.broker, '-pc', files.proxy],
    ],
    marker,
    ports: [...portsTakenBy('broker', ports.broker), ports.proxy, ports.proxyRemoting],
    workingDirectory: paths.directory,
    logFile: join(paths.logs, 'broker.log'),
    readyDeadlineMs: READY_DEADLINE_MS,
    stopSignal: 'SIGTERM',
    // This file says "not closed properly". After removing it the broker only unregisters from other processes.
    isSaved: () => !existsSync(join(brokerStore(paths), 'abort')),
    isReady: async () => (await acceptsConnections(LOOPBACK, ports.proxy)) && (await isRegistered(ports)),
  };
}

function javaArguments(jars: string, paths: StackPaths, name: ServerName): string[] {
  return [
    // RocketMQ writes its logs below the user's home; two servers would write into the same files.
    `-Duser.home=${join(paths.logs, name)}`,
    `-Drocketmq.home.dir=${paths.configuration}`,
    '-cp',
    join(jars, '*'),
  ];
}

/** The name server knows exactly this broker, so remoting clients would find it. */
async function isRegistered(ports: StackPorts): Promise<boolean> {
  const admin = new RocketmqAdmin({ namesrv: `${LOOPBACK}:${ports.namesrv}`, timeoutMs: 2000 });
  try {
    return (await admin.brokers()).includes(`${LOOPBACK}:${ports.broker}`);
  } finally {
    admin.close();
  }
}
