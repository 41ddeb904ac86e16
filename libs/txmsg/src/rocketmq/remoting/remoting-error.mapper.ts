import {
  BrokerError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  InvalidArgumentError,
} from '../../errors/index.js';
import { ADVICE, tlsAdvice, type AdviceByWords } from '../failure-advice.js';
import { ResponseCode } from './remoting-codes.js';
import type { RemotingCommand } from './remoting-command.js';
import {
  ConnectionBusyError,
  ConnectionLostError,
  RefusedRequestError,
  RequestTimeoutError,
} from './remoting.errors.js';

const ADVICE_BY_CODE: Readonly<Record<number, string>> = {
  [ResponseCode.TOPIC_NOT_EXIST]: ADVICE.noTopic,
  [ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST]: ADVICE.noConsumerGroup,
  [ResponseCode.NO_PERMISSION]: ADVICE.forbidden,
  [ResponseCode.SYSTEM_BUSY]: 'the broker is overloaded',
  [ResponseCode.FLOW_CONTROL]: 'the broker is overloaded',
  [ResponseCode.FLUSH_DISK_TIMEOUT]: 'the broker stored it, but did not flush it in time',
  [ResponseCode.FLUSH_SLAVE_TIMEOUT]: 'the broker stored it, but its replica did not in time',
  [ResponseCode.SLAVE_NOT_AVAILABLE]: 'the broker stored it, but has no replica to copy it to',
};

/** For the words of RocketMQ 5.4.0, Node or OpenSSL. Test: e2e/remoting-security.long-spec.ts. */
const ADVICE_BY_WORDS: AdviceByWords = [
  [/has no permission to access/, ADVICE.noRight],
  [/username cannot be null/, ADVICE.noUser],
  [/User:.* is not found|check signature failed/, ADVICE.unknownUser],
  ...tlsAdvice('server', 'its address'),
];

/** The innermost cause in one line, with advice where there is one. */
export function describeFailure(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error && !(root instanceof ConnectionLostError)) {
    root = root.cause;
  }
  if (!(root instanceof Error)) return String(root);
  const [firstLine = ''] = (
    root.message === '' ? ((root as NodeJS.ErrnoException).code ?? root.name) : root.message
  ).split('\n');
  const byWords = ADVICE_BY_WORDS.find(([words]) => words.test(firstLine));
  const byCode = root instanceof RefusedRequestError ? ADVICE_BY_CODE[root.responseCode] : undefined;
  const advice = byWords?.[1] ?? byCode;
  return advice === undefined ? firstLine : `${advice} (${firstLine})`;
}

/** No answer came, or one that asks to be repeated later: the same request may be sent again. */
export function isWorthRepeating(error: unknown): boolean {
  if (error instanceof ConnectionLostError || error instanceof RequestTimeoutError) return true;
  if (!(error instanceof RefusedRequestError)) return false;
  const { SYSTEM_BUSY, FLOW_CONTROL, SERVICE_NOT_AVAILABLE } = ResponseCode;
  return ([SYSTEM_BUSY, FLOW_CONTROL, SERVICE_NOT_AVAILABLE] as number[]).includes(error.responseCode);
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
  if (error instanceof RequestTimeoutError) {
    return new BrokerTimeoutError(operation, topic, timeoutMs, cause, error.address);
  }
  const isUndecided = isWorthRepeating(error) || error instanceof ConnectionBusyError;
  const Kind = isUndecided ? BrokerUnavailableError : BrokerError;
  return new Kind(operation, topic, describeFailure(error), cause);
}

/** @throws RefusedRequestError when the response does not say SUCCESS */
export function refuseUnlessSuccess({ code, remark }: RemotingCommand): void {
  if (code !== ResponseCode.SUCCESS) throw new RefusedRequestError(code, remark);
}
