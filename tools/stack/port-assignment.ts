import { setTimeout as sleep } from 'node:timers/promises';
import { canListen, choosePort, portsTakenBy, type PortName, type StackPorts } from './ports.js';
import type { ServerName } from './server-process.js';
import { StackError } from './stack-error.js';
import type { StackState } from './stack-state.js';

type PortOwner = readonly [port: PortName, server: ServerName];

/** Each port with the server that listens on it, in the order in which they are given out. */
const PORT_OWNERS: readonly PortOwner[] = [
  ['mysql', 'mysql'],
  ['namesrv', 'namesrv'],
  ['broker', 'broker'],
  ['proxy', 'broker'],
  ['proxyRemoting', 'broker'],
  ['seata', 'seata'],
  ['seataConsole', 'seata'],
];

/** A remembered port may be in use for a moment only: by an outgoing connection, or a server that is ending. */
const PATIENCE_MS = 3000;

export interface PortRequest {
  /** Asked for by the caller or the environment. */
  readonly wishes: StackPorts;
  /** What the stack had before: clients know these ports, so they stay as long as the wish is the same. */
  readonly remembered: StackState | undefined;
  /** The servers that this stack runs; the others need no port. */
  readonly servers: ReadonlySet<ServerName>;
  /** Those of them that run now and keep their ports. */
  readonly running: ReadonlySet<ServerName>;
  readonly onProgress: (line: string) => void;
}

/** Decides every port of the stack; says so when one could not be had. */
export async function assignPorts(request: PortRequest): Promise<StackPorts> {
  const { wishes, remembered, servers, running, onProgress } = request;
  const ports: Record<PortName, number> = { ...wishes };
  const reserved = new Set<number>();
  const reserve = (name: PortName): void => {
    for (const port of portsTakenBy(name, ports[name])) reserved.add(port);
  };
  const isKept = ([, server]: PortOwner): boolean => remembered !== undefined && running.has(server);
  for (const [name] of PORT_OWNERS.filter(isKept)) {
    ports[name] = remembered?.ports[name] ?? ports[name];
    reserve(name);
  }
  for (const [name] of PORT_OWNERS.filter((owner) => servers.has(owner[1]) && !isKept(owner))) {
    const last = remembered?.wishes[name] === wishes[name] ? remembered.ports[name] : undefined;
    if (last !== undefined) await waitForPort(name, last);
    const preferred = last ?? wishes[name];
    ports[name] = await choosePort(name, preferred, reserved);
    if (ports[name] !== preferred && name !== 'proxyRemoting') {
      onProgress(`Port ${preferred} is already in use; ${name} gets ${ports[name]} instead.`);
    }
    reserve(name);
  }
  return ports;
}

/** `STACK_MYSQL_PORT` and so on. */
export function wantedPortsOf(environment: NodeJS.ProcessEnv): Partial<StackPorts> {
  const variables: Record<PortName, string> = {
    mysql: 'STACK_MYSQL_PORT',
    namesrv: 'STACK_NAMESRV_PORT',
    broker: 'STACK_BROKER_PORT',
    proxy: 'STACK_PROXY_PORT',
    proxyRemoting: 'STACK_PROXY_REMOTING_PORT',
    seata: 'STACK_SEATA_PORT',
    seataConsole: 'STACK_SEATA_CONSOLE_PORT',
  };
  const entries = Object.entries(variables).flatMap(([name, variable]) => {
    const value = environment[variable];
    return value ? [[name, portNumber(variable, value)] as const] : [];
  });
  return Object.fromEntries(entries);
}

function portNumber(variable: string, value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(`${variable} is "${value}"; a port was expected.`);
}

async function waitForPort(name: PortName, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const free = await Promise.all(portsTakenBy(name, port).map((each) => canListen(each)));
    if (free.every(Boolean)) return;
    await sleep(200);
  }
}
