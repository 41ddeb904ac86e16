import { isIPv6 } from 'node:net';
import { mapProxyName } from '@grpc/grpc-js/build/src/http_proxy.js';
import type { Endpoints } from 'rocketmq-client-nodejs';
import { formatBrokerAddress } from '../../broker/index.js';

/** `localhost`, what RFC 6761 counts to it, and the loopback networks. */
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i;

/** In the order in which grpc-js looks at them. */
const PROXY_VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;

/** What a channel to some endpoints is made with, and its address in words for error messages. */
export interface GrpcTarget {
  readonly target: string;
  readonly options: { 'grpc.enable_http_proxy'?: 0 };
  /** The address, where it came from, and the HTTP proxy before it. */
  readonly words: string;
}

/** @param configured - the endpoints of the service's own options; all others come from the broker */
export function grpcTargetOf(endpoints: Endpoints, configured: Endpoints): GrpcTarget {
  const addresses = endpoints.addressesList.map(formatBrokerAddress);
  // rocketmq-client-nodejs 1.0.8 writes IPv6 addresses without brackets; grpc-js cannot read them then.
  const isIpv6 = endpoints.addressesList.every(({ host }) => isIPv6(host));
  const target = isIpv6 ? `ipv6:${addresses.join(',')}` : addresses.join(',');
  // A proxy elsewhere cannot reach what listens on this machine's loopback.
  const isLoopback = endpoints.addressesList.every(({ host }) => LOOPBACK.test(host));
  const origin =
    addresses.join() === configured.addressesList.map(formatBrokerAddress).join()
      ? 'of rocketmq.endpoints'
      : 'which RocketMQ announces as its own (the brokerIP1 of the broker, the port of its proxy)';
  return {
    target,
    options: isLoopback ? { 'grpc.enable_http_proxy': 0 } : {},
    words: `${addresses.join(', ')}, ${origin}${isLoopback ? '' : proxyWords(isIpv6 ? 'ipv6' : 'dns', addresses.join(','))}`,
  };
}

/** grpc-js (1.14) decides by itself whether to go through an HTTP proxy; its own decision is what is reported here. */
function proxyWords(scheme: string, path: string): string {
  const { target, extraOptions } = mapProxyName({ scheme, path }, {});
  if (!('grpc.http_connect_target' in extraOptions)) return '';
  const variable = PROXY_VARIABLES.find((name) => process.env[name]) ?? 'http_proxy';
  return `, through the HTTP proxy ${target.path} (environment variable ${variable}; no_proxy exempts hosts)`;
}
