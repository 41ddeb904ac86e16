import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { StackError } from './stack-error.js';

export interface StackPorts {
  readonly mysql: number;
  readonly namesrv: number;
  /** The broker takes `broker - 2` (fast channel) and `broker + 1` (replication) as well. */
  readonly broker: number;
  /** What applications connect to: gRPC. */
  readonly proxy: number;
  /** The proxy's second listener, for remoting clients. Nobody here uses it, but it cannot be turned off. */
  readonly proxyRemoting: number;
  /** The transaction coordinator, when it was asked for. */
  readonly seata: number;
  readonly seataConsole: number;
}

export type PortName = keyof StackPorts;

export const DEFAULT_PORTS: StackPorts = {
  mysql: 53306,
  namesrv: 9876,
  broker: 10911,
  proxy: 58081,
  proxyRemoting: 58080,
  seata: 8091,
  seataConsole: 7091,
};

/** What was asked for, completed. */
export function wishedPorts(wanted: Partial<StackPorts> = {}): StackPorts {
  const ports = { ...DEFAULT_PORTS, ...wanted };
  // Beside the proxy's own port, so that stacks which choose theirs do not meet on this one.
  return { ...ports, proxyRemoting: wanted.proxyRemoting ?? ports.proxy - 1 };
}

/** Below the range from which the system takes the ports of outgoing connections, so that they stay ours. */
const FALLBACK_FROM = 20_000;
const FALLBACK_TO = 32_000;
const TRIES_MAX = 200;

/** All ports that a server with this main port listens on. */
export function portsTakenBy(name: PortName, port: number): number[] {
  return name === 'broker' ? [port - 2, port, port + 1] : [port];
}

/**
 * `preferred` when nothing listens there, else a random free one. `reserved` are ports that other servers of
 * the same stack will take.
 */
export async function choosePort(
  name: PortName,
  preferred: number,
  reserved: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean> = canListen,
): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = tries === 0 ? preferred : randomInt(FALLBACK_FROM, FALLBACK_TO);
    if (await allFree(portsTakenBy(name, port), reserved, isFree)) return port;
  }
  throw new StackError(`No free port was found for ${name} between ${FALLBACK_FROM} and ${FALLBACK_TO}.`);
}

/** A random free one, for a program that is told its port. Nothing listens on it yet, so start the program at once. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = randomInt(FALLBACK_FROM, FALLBACK_TO);
    if (await canListen(port)) return port;
  }
  throw new StackError(`No free port was found between ${FALLBACK_FROM} and ${FALLBACK_TO}.`);
}

async function allFree(
  ports: readonly number[],
  reserved: ReadonlySet<number>,
  isFree: (port: number) => Promise<boolean>,
): Promise<boolean> {
  for (const port of ports) {
    if (reserved.has(port) || !(await isFree(port))) return false;
  }
  return true;
}

/** Whether nobody listens on the port, neither on loopback nor on all interfaces. */
export async function canListen(port: number): Promise<boolean> {
  if (port < 1 || port > 65_535) return false;
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    if (!(await canListenOn(host, port))) return false;
  }
  return true;
}

function canListenOn(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no such address; that takes no port from us.
      resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
