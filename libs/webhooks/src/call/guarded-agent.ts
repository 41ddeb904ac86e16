import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent, buildConnector } from 'undici';
import { ForbiddenAddressError, isPublicAddress, literalAddress } from './address-rules.js';

/** How names become addresses; `dns.lookup` with `all`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void,
) => void;

export interface AgentLimits {
  readonly connectTimeoutMs: number;
  readonly lookup: Lookup;
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  addresses: string | LookupAddress[],
  family?: number,
) => void;

/** No answer may keep a connection busy for as long as it likes, and its head may not be large. */
const HEADER_BYTES_MAX = 16_384;
const KEEP_ALIVE_MS = 10_000;

/**
 * Connections for calls. With `isGuarded` the address is judged where it is used, between lookup and connect, so that no
 * name can mean one address when it is checked and another when it is connected to; one forbidden address among several
 * refuses them all. The address of the connected socket is looked at once more.
 *
 * Guarded and other calls need an agent each: what connected without a guard must not be used again for a call with one.
 *
 * There are as many connections as calls, which the worker bounds. undici's bound is one of each origin: a call that waits
 * for those to another subscriber at the same host would use its time up, with nothing sent.
 */
export function createAgent(isGuarded: boolean, { connectTimeoutMs, lookup }: AgentLimits): Agent {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: (hostname, options, callback) => {
      resolve(hostname, options, callback, lookup, isGuarded);
    },
  });
  return new Agent({
    connect: isGuarded ? guarded(connect) : connect,
    // One call at a time on a connection: a slow answer delays no other call.
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
}

function resolve(
  hostname: string,
  options: LookupOptions,
  callback: LookupCallback,
  lookup: Lookup,
  isGuarded: boolean,
): void {
  lookup(hostname, { ...options, all: true }, (error, addresses = []) => {
    const forbidden = isGuarded ? addresses.find(({ address }) => !isPublicAddress(address)) : undefined;
    const [first] = addresses;
    if (error) callback(error, []);
    else if (forbidden !== undefined)
      callback(ForbiddenAddressError.notPublic(hostname, forbidden.address), []);
    else if (first === undefined) callback(new Error(`${hostname} has no address`), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
}

function guarded(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    // Node asks no lookup about a host that is an address already.
    const literal = literalAddress(options.hostname);
    if (literal !== undefined && !isPublicAddress(literal)) {
      // Later, as every connection comes: undici is not ready for an answer within the call.
      process.nextTick(callback, ForbiddenAddressError.notPublic(options.hostname, literal), null);
      return;
    }
    connect(options, (...result) => {
      const [error, socket] = result;
      const address = socket?.remoteAddress ?? '';
      if (error === null && !isPublicAddress(address)) {
        socket.destroy();
        callback(ForbiddenAddressError.notPublic(options.hostname, address), null);
      } else callback(...result);
    });
  };
}
