import { canMakeNetworks, chooseNetwork, type OwnNetwork } from './own-network.js';
import type { StackPorts } from './ports.js';
import { LOOPBACK } from './rocketmq-configuration.js';
import { needsDatabase, type SeataVersion } from './seata-version.js';

/** The coordinator of a stack: what `up` has decided, and what outlives it. */
export interface Coordinator {
  readonly version: SeataVersion;
  /** Without one it listens on every address of this machine: Seata has no setting for that. */
  readonly network?: OwnNetwork;
}

export interface CoordinatorWish {
  readonly version: SeataVersion;
  /** The folder that it belongs to. */
  readonly owner: string;
  /** What it was before: clients know that address. */
  readonly remembered: Coordinator | undefined;
  /** Whether MySQL is found by a socket in the file system, which is there in every network. */
  readonly hasSocket: boolean;
  readonly onProgress: (line: string) => void;
}

/** Where clients find it. */
export function coordinatorHost({ network }: Coordinator): string {
  return network?.serverAddress ?? LOOPBACK;
}

export function coordinatorAddress(coordinator: Coordinator, ports: Pick<StackPorts, 'seata'>): string {
  return `${coordinatorHost(coordinator)}:${ports.seata}`;
}

/** Gives it a network of its own wherever that can be had, and says so where it cannot. */
export async function decideCoordinator(
  { version, owner, remembered, hasSocket, onProgress }: CoordinatorWish,
  canMake: () => Promise<boolean> = canMakeNetworks,
): Promise<Coordinator> {
  const isReachedFromThere = !needsDatabase(version) || hasSocket;
  if (isReachedFromThere && (await canMake()))
    return { version, network: remembered?.network ?? chooseNetwork(owner) };
  onProgress(
    'The coordinator asks nobody for a password and listens on every address of this machine: keep its port behind a ' +
      'firewall, or start it as root on Linux, where it gets a network that only this machine reaches.',
  );
  return { version };
}
