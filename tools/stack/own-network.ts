import { createHash, randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { runCommand } from './run-command.js';

/**
 * A network of a server's own: two ends of a cable, one in this machine's network and one in the server's. Neither has a
 * way beyond, so nobody but the programs of this machine reaches the server, whatever addresses it listens on.
 */
export interface OwnNetwork {
  /** This machine's end; its name on this machine. */
  readonly interface: string;
  readonly hostAddress: string;
  /** Where the server is found. */
  readonly serverAddress: string;
}

const PROBE_DEADLINE_MS = 30_000;
/** Link-local addresses (RFC 3927), without the half in which clouds keep addresses of their own. */
const LAST_THIRD_BYTE = 127;
const ATTEMPTS = 200;

/** Keeps this machine's network open as file 9, and goes on in a new one. */
const LEAVE = 'exec 9</proc/self/ns/net; exec unshare --net sh -ec "$0" "$@"';

/** `$0` names the cable, `$1` and `$2` are the addresses of its ends; the rest is the program that this one becomes. */
const JOIN_BY_CABLE = `
on_host() { nsenter --net=/proc/self/fd/9 "$@"; }
# The end of a predecessor that was killed: the system takes it away a little later.
on_host ip link delete "$0" 2>/dev/null || true
on_host ip link add "$0" type veth peer name eth0 netns $$
on_host ip address add "$1/31" dev "$0"
on_host ip link set "$0" up
ip link set lo up
ip address add "$2/31" dev eth0
ip link set eth0 up
shift 2
exec "$@" 9<&-`;

/**
 * What to put in front of a server's command line: the program becomes the server, and the network goes when the server
 * does, however it ends. Linux, and root's rights, are needed: see {@link canMakeNetworks}.
 */
export function launcherInto(network: OwnNetwork): readonly string[] {
  return [
    ...['sh', '-ec', LEAVE, JOIN_BY_CABLE],
    ...[network.interface, network.hostAddress, network.serverAddress],
  ];
}

/** Makes one, and runs a program in it, to see whether it can be done here. */
export async function canMakeNetworks(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const [program = '', ...parameters] = launcherInto(chooseNetwork(`probe of ${process.pid}`));
  const { exitCode } = await runCommand(program, [...parameters, 'true'], { deadlineMs: PROBE_DEADLINE_MS });
  return exitCode === 0;
}

/** @param owner - tells apart what has a network at the same time on this machine: the folder of a stack */
export function chooseNetwork(owner: string, taken: ReadonlySet<string> = ownAddresses()): OwnNetwork {
  const name = `txmsg-${createHash('sha256').update(owner).digest('hex').slice(0, 9)}`;
  for (let attempt = 1; ; attempt++) {
    const [third, even] = [randomInt(1, LAST_THIRD_BYTE + 1), 2 * randomInt(0, 128)];
    const hostAddress = `169.254.${third}.${even}`;
    const serverAddress = `169.254.${third}.${even + 1}`;
    const isFree = !taken.has(hostAddress) && !taken.has(serverAddress);
    if (isFree || attempt === ATTEMPTS) return { interface: name, hostAddress, serverAddress };
  }
}

function ownAddresses(): Set<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
}
