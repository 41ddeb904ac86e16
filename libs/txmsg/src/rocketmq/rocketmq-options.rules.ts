import { parseBrokerAddress } from '../broker/index.js';
import type {
  RocketmqConnectionOptions,
  RocketmqGrpcOptions,
  RocketmqOptions,
  RocketmqRemotingOptions,
} from '../options/rocketmq.options.js';

/** The broker's own rule for groups. */
const GROUP = /^[%|a-zA-Z0-9_-]{1,255}$/;

/** The client refuses less. */
const REQUEST_TIMEOUT_MIN_MS = 1_000;
/** Far above every real answer; a timer of 2^31 ms or more would strike at once. */
const REQUEST_TIMEOUT_MAX_MS = 60_000;

/** Everything that is wrong with `options`, in words for the person who configures the service. */
export function problemsOf(options: RocketmqOptions): string[] {
  return [...addressProblems(options), ...connectionProblems(options)];
}

function addressProblems(options: RocketmqOptions): string[] {
  if (options.transport === 'remoting') return remotingProblems(options);
  const { transport }: { readonly transport?: unknown } = options;
  if (transport === undefined || transport === 'grpc') return endpointProblems(options);
  return [`rocketmq.transport is ${JSON.stringify(transport)}; it must be "grpc" or "remoting"`];
}

function endpointProblems({ endpoints }: RocketmqGrpcOptions): string[] {
  if (typeof endpoints === 'string' && parseBrokerAddress(endpoints)) return [];
  return [
    `rocketmq.endpoints is ${JSON.stringify(endpoints)}; it must be one "host:port" of the proxy's gRPC port, an IPv6 address in brackets (several proxies: one DNS name or load balancer)`,
  ];
}

function remotingProblems({ nameServers, producerGroup }: RocketmqRemotingOptions): string[] {
  const problems: string[] = [];
  const servers: unknown = nameServers;
  const isRight =
    Array.isArray(servers) &&
    servers.length > 0 &&
    servers.every((one) => typeof one === 'string' && parseBrokerAddress(one) !== undefined);
  if (!isRight) {
    problems.push(
      `rocketmq.nameServers is ${JSON.stringify(nameServers)}; it must be a list of one or more "host:port" of name servers, an IPv6 address in brackets`,
    );
  }
  if (producerGroup !== undefined && !GROUP.test(producerGroup)) {
    problems.push(
      `rocketmq.producerGroup is ${JSON.stringify(producerGroup)}; it must have 1 to 255 characters out of A-Z, a-z, 0-9, "_", "-", "%" and "|"`,
    );
  }
  return problems;
}

function connectionProblems({
  requestTimeoutMs,
  credentials,
  ...options
}: RocketmqConnectionOptions): string[] {
  const problems: string[] = [];
  if (requestTimeoutMs !== undefined && !isRequestTimeout(requestTimeoutMs)) {
    problems.push(
      `rocketmq.requestTimeoutMs is ${requestTimeoutMs}; it must be a whole number from ${REQUEST_TIMEOUT_MIN_MS} to ${REQUEST_TIMEOUT_MAX_MS}`,
    );
  }
  if (credentials && !(credentials.accessKey && credentials.accessSecret)) {
    problems.push('rocketmq.credentials needs both accessKey and accessSecret, or leave it out');
  }
  if (options.tlsRootCertificates && !options.sslEnabled) {
    problems.push('rocketmq.tlsRootCertificates is given, but rocketmq.sslEnabled is not true');
  }
  return problems;
}

function isRequestTimeout(ms: number): boolean {
  return Number.isInteger(ms) && ms >= REQUEST_TIMEOUT_MIN_MS && ms <= REQUEST_TIMEOUT_MAX_MS;
}
