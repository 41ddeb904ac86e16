import { setTimeout as sleep } from 'node:timers/promises';
import {
  canListen,
  choosePort,
  DEFAULT_PORTS,
  portsTakenBy,
  type PortName,
  type StackPorts,
} from './ports.js';
import type { ServerName } from './server-process.js';

/** Each port with the server that listens on it, in the order in which they are given out. */
const PORT_OWNERS: readonly (readonly [PortName, ServerName])[] = [
  ['mysql', 'mysql'],
  ['namesrv', 'namesrv'],
  ['broker', 'broker'],
  ['proxy', 'broker'],
  ['proxyRemoting', 'broker'],
];

/** A remembered port may be in use for a moment only: by an outgoing connection, or a server that is ending. */
const PATIENCE_MS = 3000;

export interface PortWishes {
  /** Asked for by the caller or the environment. */
  readonly wanted: Partial<StackPorts>;
  /** What the stack had before; clients know these, so they stay as long as they can. */
  readonly remembered: StackPorts | undefined;
  /** Servers that run now and keep their ports. */
  readonly running: ReadonlySet<ServerName>;
  readonly onProgress: (line: string) => void;
}

/** Decides every port of the stack; says so when one could not be had. */
export async function assignPorts({
  wanted,
  remembered,
  running,
  onProgress,
}: PortWishes): Promise<StackPorts> {
  const ports: Record<PortName, number> = { ...DEFAULT_PORTS, ...remembered, ...wanted };
  const reserved = new Set<number>();
  const reserve = (name: PortName): void => {
    for (const port of portsTakenBy(name, ports[name])) reserved.add(port);
  };
  const fixed = PORT_OWNERS.filter(([, server]) => remembered && running.has(server));
  for (const [name] of fixed) {
    ports[name] = remembered?.[name] ?? ports[name];
    reserve(name);
  }
  for (const [name] of PORT_OWNERS.filter((owner) => !fixed.includes(owner))) {
    if (ports[name] === remembered?.[name]) await waitForPort(name, ports[name]);
    const port = await choosePort(name, ports[name], reserved);
    if (port !== ports[name]) onProgress(`Port ${ports[name]} is taken; ${name} gets ${port} instead.`);
    ports[name] = port;
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
  };
  const entries = Object.entries(variables).flatMap(([name, variable]) => {
    const value = environment[variable];
    return value ? [[name, Number(value)] as const] : [];
  });
  return Object.fromEntries(entries);
}

async function waitForPort(name: PortName, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const free = await Promise.all(portsTakenBy(name, port).map((each) => canListen(each)));
    if (free.every(Boolean)) return;
    await sleep(200);
  }
}
