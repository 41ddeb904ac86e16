import { createHash, randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { runCommand, type CommandResult } from './run-command.js';
import { StackError } from './stack-error.js';

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

const COMMAND_DEADLINE_MS = 30_000;
/** Link-local addresses (RFC 3927), without the half in which clouds keep addresses of their own. */
const LAST_THIRD_BYTE = 127;
const TRIES_MAX = 200;

/** `$0` names the network and the cable, `$1` and `$2` are the addresses of its ends. What is complete stays. */
const MAKE = `
ip -o address show dev "$0" 2>/dev/null | grep -qF " $1/31 " && exit 0
ip netns delete "$0" 2>/dev/null || true
ip link delete "$0" 2>/dev/null || true
ip netns add "$0"
ip link add "$0" type veth peer name eth0 netns "$0"
ip -n "$0" link set lo up
ip -n "$0" address add "$2/31" dev eth0
ip -n "$0" link set eth0 up
ip link set "$0" up
ip address add "$1/31" dev "$0"`;

const REMOVE = `
ip netns delete "$0" 2>/dev/null || true
ip link delete "$0" 2>/dev/null || true`;

/** What to put in front of a server's command line: the program becomes the server, in that network. */
export function launcherInto(network: OwnNetwork): readonly string[] {
  return ['nsenter', `--net=/run/netns/${network.interface}`];
}

/**
 * Makes what is missing of it. It outlives the server, so that a server which was killed refuses connections as one of this
 * machine does; without it, they would go to whoever the machine takes to be the way to the rest of the world.
 * Linux, and root's rights, are needed: see {@link canMakeNetworks}.
 */
export async function makeNetwork(network: OwnNetwork): Promise<void> {
  const { exitCode, output } = await runAsScript(MAKE, network);
  if (exitCode === 0) return;
  throw new StackError(`The network ${network.interface} of a server could not be made: ${output.trim()}`);
}

/** The programs in it must have ended. */
export async function removeNetwork(network: OwnNetwork): Promise<void> {
  await runAsScript(REMOVE, network);
}

/** Makes one, and runs a program in it, to see whether it can be done here. */
export async function canMakeNetworks(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const network = chooseNetwork(`probe of ${process.pid}`);
  const [program = '', ...parameters] = launcherInto(network);
  try {
    await makeNetwork(network);
    const result = await runCommand(program, [...parameters, 'true'], { deadlineMs: COMMAND_DEADLINE_MS });
    return result.exitCode === 0;
  } catch (error) {
    if (error instanceof StackError) return false;
    throw error;
  } finally {
    await removeNetwork(network);
  }
}

/** @param owner - tells apart what has a network at the same time on this machine: the folder of a stack */
export function chooseNetwork(owner: string, used: ReadonlySet<string> = ownAddresses()): OwnNetwork {
  const name = `txmsg-${createHash('sha256').update(owner).digest('hex').slice(0, 9)}`;
  for (let tries = 1; ; tries++) {
    const [third, even] = [randomInt(1, LAST_THIRD_BYTE + 1), 2 * randomInt(0, 128)];
    const hostAddress = `169.254.${third}.${even}`;
    const serverAddress = `169.254.${third}.${even + 1}`;
    const isFree = !used.has(hostAddress) && !used.has(serverAddress);
    if (isFree || tries === TRIES_MAX) return { interface: name, hostAddress, serverAddress };
  }
}

function ownAddresses(): Set<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
}

function runAsScript(script: string, network: OwnNetwork): Promise<CommandResult> {
  const parameters = [network.interface, network.hostAddress, network.serverAddress];
  return runCommand('sh', ['-ec', script, ...parameters], { deadlineMs: COMMAND_DEADLINE_MS });
}
