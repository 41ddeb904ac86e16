import ipaddr from 'ipaddr.js';

/** What IANA hands out for the whole internet; everything else in IPv6 is somebody's own, or a way into IPv4. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** The address that a call would connect to, or the way to it, is one that calls may not take; nothing was sent. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  static notPublic(host: string, address: string): ForbiddenAddressError {
    return new ForbiddenAddressError(
      `${host} is at ${address}, which is not a public address: only a subscriber with allowPrivateAddresses may be there.`,
    );
  }

  static notEncrypted(host: string): ForbiddenAddressError {
    return new ForbiddenAddressError(
      `${host} would be called with http: only allowHttp, or a subscriber's allowPrivateAddresses, allows that.`,
    );
  }

  private constructor(message: string) {
    super(message);
  }
}

/**
 * Whether an address is one of the public internet: no private, loopback, link-local (and with it the metadata services of
 * clouds), shared, multicast or reserved one, and no IPv6 address that leads to an IPv4 one (mapped, 6to4, NAT64, Teredo).
 * What is mapped is judged by the IPv4 address in it. What cannot be parsed is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6);
}

/** The address that a URL's host is, without brackets; undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}
