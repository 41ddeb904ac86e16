import { isIPv4, isIPv6 } from 'node:net';

const NAME = /^(?=.{1,255}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i;
const AUTHORITY = /^(\[[^\]]*\]|[^:[\]]*)(?::\d{1,5})?$/;

/**
 * A host name or IP address in the one form that is compared: lower case, without the dot at its end, IPv6 in
 * brackets and shortened. Undefined for what is neither.
 */
export function canonicalHost(text: string): string | undefined {
  const address = /^\[(.*)\]$/.exec(text)?.[1];
  if (address !== undefined) return isIPv6(address) ? canonicalIpv6(address) : undefined;
  return NAME.test(text) ? text.toLowerCase().replace(/\.$/, '') : undefined;
}

/** The host of a `Host` header, whatever its port: a port that is published need not be the one that is listened on. */
export function hostOf(authority: string): string | undefined {
  const host = AUTHORITY.exec(authority)?.[1];
  return host === undefined ? undefined : canonicalHost(host);
}

/** Names, in canonical form, under which nobody but this machine itself is found. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

/** What the setting HOST adds to the names that a service goes by; a wildcard is no name. */
export function listeningName(host: string): string | undefined {
  const name = canonicalHost(isIPv6(host) ? `[${host}]` : host);
  return name === '0.0.0.0' || name === '[::]' ? undefined : name;
}

function canonicalIpv6(address: string): string | undefined {
  const url = `http://[${address}]`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
