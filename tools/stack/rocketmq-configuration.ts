import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.js';
import type { BrokerSettings } from './broker-settings.js';
import type { StackPorts } from './ports.js';
import type { StackPaths } from './stack-paths.js';
import { brokerSecurity, proxySecurity, type StackSecurity } from './stack-security.js';

/** The contents of RocketMQ's configuration files. */
export interface RocketmqConfiguration {
  readonly namesrv: string;
  readonly broker: string;
  readonly proxy: string;
}

export const LOOPBACK = '127.0.0.1';

export function renderConfiguration(
  paths: StackPaths,
  ports: StackPorts,
  settings: BrokerSettings,
  security: StackSecurity = {},
): RocketmqConfiguration {
  return {
    namesrv: renderNamesrv(paths, ports),
    broker: renderBroker(paths, ports, { ...settings, ...brokerSecurity(security) }),
    proxy: renderProxy(ports, security),
  };
}

export function configurationFiles(paths: StackPaths): RocketmqConfiguration {
  return {
    namesrv: join(paths.configuration, 'namesrv.conf'),
    broker: join(paths.configuration, 'broker.conf'),
    proxy: join(paths.configuration, 'proxy.json'),
  };
}

export function brokerStore(paths: StackPaths): string {
  return join(paths.brokerData, 'store');
}

export function writeConfiguration(paths: StackPaths, configuration: RocketmqConfiguration): void {
  const files = configurationFiles(paths);
  writeFileAtomically(files.namesrv, configuration.namesrv);
  writeFileAtomically(files.broker, configuration.broker);
  writeFileAtomically(files.proxy, configuration.proxy);
}

function renderNamesrv(paths: StackPaths, ports: StackPorts): string {
  return renderProperties({
    listenPort: ports.namesrv,
    bindAddress: LOOPBACK,
    kvConfigPath: join(paths.namesrvData, 'kvConfig.json'),
    configStorePath: join(paths.namesrvData, 'namesrv.properties'),
  });
}

function renderBroker(
  paths: StackPaths,
  ports: StackPorts,
  settings: Readonly<Record<string, string | number | boolean>>,
): string {
  const store = brokerStore(paths);
  return renderProperties({
    brokerClusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    listenPort: ports.broker,
    haListenPort: ports.broker + 1,
    bindAddress: LOOPBACK,
    // Else it announces the machine's first network address, which may change while data exist.
    brokerIP1: LOOPBACK,
    brokerIP2: LOOPBACK,
    storePathRootDir: store,
    storePathCommitLog: join(store, 'commitlog'),
    ...settings,
  });
}

function renderProxy(ports: StackPorts, security: StackSecurity): string {
  const settings = {
    rocketMQClusterName: 'DefaultCluster',
    // Else it looks for the machine's first network address, and ends when an interface vanishes meanwhile.
    localServeAddr: LOOPBACK,
    namesrvAddr: `${LOOPBACK}:${ports.namesrv}`,
    grpcServerPort: ports.proxy,
    remotingListenPort: ports.proxyRemoting,
    // The broker asks about half messages only through proxies whose heartbeat it has seen; with the default
    // of 20 s the first check-back after a start is late by that much.
    transactionHeartbeatPeriodSecond: 2,
    // Open streams of clients hold up the end by this long (its default is 30 s).
    grpcShutdownTimeSeconds: 2,
    ...proxySecurity(security),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/**
 * Java's properties format: a backslash (of a Windows path, say) would start an escape, and what is not ASCII would be
 * read as Latin-1.
 */
export function renderProperties(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escapedForJava(String(value))}\n`)
    .join('');
}

function escapedForJava(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
