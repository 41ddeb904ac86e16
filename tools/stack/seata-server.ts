import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.js';
import { coordinatorHost, type Coordinator } from './coordinator.js';
import { acceptsConnections, fingerprint } from './java-server.js';
import { launcherInto, makeNetwork, removeNetwork } from './own-network.js';
import type { StackPorts } from './ports.js';
import { javaProgram } from './preconditions.js';
import { renderSeata, SEATA_LOGGING, seataSettingsFile } from './seata-configuration.js';
import { createSeataStore, type SeataStore } from './seata-store.js';
import { needsDatabase } from './seata-version.js';
import type { ServerPlan } from './server-process.js';
import type { StackPaths } from './stack-paths.js';

const READY_DEADLINE_MS = 240_000;

/** @param jars - the folder with those of this version */
export function planSeata(
  jars: string,
  paths: StackPaths,
  ports: Pick<StackPorts, 'seata' | 'seataConsole'>,
  coordinator: Coordinator,
  store: SeataStore,
): ServerPlan {
  const marker = `-Dtxmsg.server=${paths.seataData}`;
  const configuration = renderSeata(paths, ports, coordinator, store);
  const settings = seataSettingsFile(paths);
  const { network, version } = coordinator;
  return {
    name: 'seata',
    ...(network && { launcher: launcherInto(network) }),
    program: javaProgram(),
    arguments: [
      // It is started often and runs for a short time: these halve what a start costs.
      ...['-Xms64m', '-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...[marker, fingerprint(configuration)],
      // An address of IPv6 would break the number of a transaction, which begins with the server's address.
      '-Djava.net.preferIPv4Stack=true',
      `-Duser.home=${join(paths.logs, 'seata')}`,
      // Not additional-location: the server would look there for its logging, too.
      `-Dspring.config.location=classpath:/application.yml,file:${settings}`,
      `-Dlogging.config=file:${SEATA_LOGGING}`,
      ...['-cp', join(jars, '*'), 'io.seata.server.ServerApplication'],
    ],
    marker,
    ports: [ports.seata, ports.seataConsole],
    workingDirectory: store.socket?.folder ?? paths.directory,
    logFile: join(paths.logs, 'seata.log'),
    readyDeadlineMs: READY_DEADLINE_MS,
    prepare: () => (needsDatabase(version) ? createSeataStore(store) : Promise.resolve()),
    beforeStart: async () => {
      writeFileAtomically(settings, configuration);
      if (network) await makeNetwork(network);
    },
    afterStop: async () => {
      if (network) await removeNetwork(network);
    },
    // Its clean stop takes twenty seconds, and what it has stored survives SIGKILL.
    stopSignal: 'SIGKILL',
    ...(network && { isAway: () => isAway(coordinator, ports) }),
    // It listens here last, when it has read its store.
    isReady: () => acceptsConnections(coordinatorHost(coordinator), ports.seata),
  };
}

/** A port in a network of its own is not one that this machine could lend to anybody. */
async function isAway(
  coordinator: Coordinator,
  ports: Pick<StackPorts, 'seata' | 'seataConsole'>,
): Promise<boolean> {
  const host = coordinatorHost(coordinator);
  const answers = [ports.seata, ports.seataConsole].map((port) => acceptsConnections(host, port));
  return !(await Promise.all(answers)).includes(true);
}
