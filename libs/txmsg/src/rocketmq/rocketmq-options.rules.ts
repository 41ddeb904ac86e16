import { parseBrokerAddress } from '../broker/index.js';
import type { RocketmqOptions } from '../rocketmq.options.js';

/** The client refuses less. */
const REQUEST_TIMEOUT_MIN_MS = 1_000;

/** Everything that is wrong with `options`, in words for whoever configures the service. */
export function problemsOf({
  endpoints,
  requestTimeoutMs,
  credentials,
  ...options
}: RocketmqOptions): string[] {
  const problems: string[] = [];
  if (typeof endpoints !== 'string' || !parseBrokerAddress(endpoints)) {
    problems.push(
      `rocketmq.endpoints is ${JSON.stringify(endpoints)}; it must be one "host:port" of the proxy's gRPC port, an IPv6 address in brackets (several proxies: one DNS name or load balancer)`,
    );
  }
  if (requestTimeoutMs !== undefined && !(requestTimeoutMs >= REQUEST_TIMEOUT_MIN_MS)) {
    problems.push(
      `rocketmq.requestTimeoutMs is ${requestTimeoutMs}; it must be ${REQUEST_TIMEOUT_MIN_MS} or more`,
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
