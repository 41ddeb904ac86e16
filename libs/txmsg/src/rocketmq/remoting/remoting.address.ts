export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 address may stand in brackets. */
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:;,/[\]]+|[0-9A-Fa-f:]+)):(\d{1,5})$/;

export function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, port] = ADDRESS.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port);
  return host !== undefined && number >= 1 && number <= 65_535 ? { host, port: number } : undefined;
}
