import { status } from '@grpc/grpc-js';
import { StatusChecker } from 'rocketmq-client-nodejs';
import {
  BrokerError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  InvalidArgumentError,
} from '../../errors/index.js';
import { ADVICE, tlsAdvice, type AdviceByWords } from '../failure-advice.js';
import { Code } from './client-protocol.js';

/** By the code of a gRPC error or of a RocketMQ refusal. */
const ADVICE_BY_CODE: Readonly<Record<number, string>> = {
  [status.CANCELLED]: 'the client was closed or replaced meanwhile',
  [Code.TOPIC_NOT_FOUND]: ADVICE.noTopic,
  [Code.CONSUMER_GROUP_NOT_FOUND]: ADVICE.noConsumerGroup,
  [Code.UNAUTHORIZED]: ADVICE.unknownUser,
  [Code.FORBIDDEN]: ADVICE.forbidden,
};

/** For the words of RocketMQ 5.4.0, grpc-js 1.x or OpenSSL. Test: broker-error.mapper.spec.ts. */
const ADVICE_BY_WORDS: AdviceByWords = [
  [/has no permission to access/, ADVICE.noRight],
  [/username cannot be null|authentication header is null/, ADVICE.noUser],
  ...tlsAdvice('proxy', 'the configured one'),
  [
    /Received message larger than max/,
    "a message is larger than the 16 MB that are received at most; lower the broker's maxMessageSize (default: 4 MB)",
  ],
  [
    /Last error: Failed to connect/,
    'the other end takes connections and closes them: is it the gRPC port of the proxy, and does it want TLS?',
  ],
];

/** grpc-js adds the time, which would make a repeated failure look like a new one, and an empty note. */
const GRPC_NOISE = / \(\d{4}-\d\d-\d\dT[\d:.]+Z\)| Resolution note: *$/g;

/** What grpc-js says when an HTTP proxy refused the connection or could not be reached. */
const UNDEFINED_NOISE = / Last error: undefined\.?/;

const tried = new WeakMap<Error, string>();

/** Records where a failed call went: the error itself names at best an IP address. */
export function noteTried(error: Error, words: string): void {
  tried.set(error, words);
}

/** What the client puts before the words of RocketMQ. */
const CLIENT_PREFIX = /^\[request-id=[^\]]*\] /;

/** The numeric code of a gRPC error (below 100) or of a RocketMQ refusal (from 20000), if there is one. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** No answer came from the other end: it may have acted or not. */
export function isUnanswered(error: unknown): boolean {
  const code = codeOf(error);
  return code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
}

/** The innermost cause in one line, with advice where there is one; the client wraps errors in others. */
export function describeFailure(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  if (!(root instanceof Error)) return String(root);
  const [wholeLine = ''] = root.message.split('\n');
  const firstLine = wholeLine.replace(CLIENT_PREFIX, '').replace(GRPC_NOISE, '').replace(UNDEFINED_NOISE, '');
  const byWords = ADVICE_BY_WORDS.find(([words]) => words.test(firstLine));
  const advice = byWords?.[1] ?? ADVICE_BY_CODE[codeOf(root) ?? 0];
  const failure = advice === undefined ? firstLine : `${advice} (${firstLine})`;
  const words = isUnanswered(root) ? tried.get(root) : undefined;
  return words === undefined ? failure : `${failure} [tried: ${words}]`;
}

/** Turns whatever a call threw into one of our errors, with the original as its cause. */
export function toBrokerError(
  error: unknown,
  operation: string,
  topic: string,
  timeoutMs: number,
): BrokerError | InvalidArgumentError {
  if (error instanceof BrokerError || error instanceof InvalidArgumentError) return error;
  const cause = { cause: error };
  if (codeOf(error) === status.DEADLINE_EXCEEDED) {
    return new BrokerTimeoutError(operation, topic, timeoutMs, cause, tried.get(error as Error));
  }
  const Kind = isUnanswered(error) ? BrokerUnavailableError : BrokerError;
  return new Kind(operation, topic, describeFailure(error), cause);
}

/** What the broker says to a request, or to one entry of it. */
export interface BrokerStatus {
  readonly code: number;
  readonly message: string;
}

/** @throws ClientException when `brokerStatus` does not say OK */
export function refuseUnlessOk(brokerStatus: BrokerStatus | undefined): void {
  StatusChecker.check(brokerStatus);
}
