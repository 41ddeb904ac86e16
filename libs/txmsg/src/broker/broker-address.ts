import { isIPv6 } from 'node:net';

/** Where a broker, or the proxy before it, listens. `host` is without the brackets of an IPv6 address. */
export interface BrokerAddress {
  /** A name or an IP address. */
  readonly host: string;
  /** 1 to 65 535. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\]):(\d{1,5})$/;

/** Reads `host:port`, with an IPv6 address in brackets; undefined when it is anything else. */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const [, name, ipv6, digits] = HOST_AND_PORT.exec(text) ?? [];
  const port = Number(digits);
  const host = name ?? (ipv6 !== undefined && isIPv6(ipv6) ? ipv6 : undefined);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** The same as text again. */
export function formatBrokerAddress({ host, port }: BrokerAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
