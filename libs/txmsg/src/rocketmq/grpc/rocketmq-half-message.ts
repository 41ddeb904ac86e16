import type { HalfMessage, TransactionResolution } from '../../broker/index.js';
import { Deadline } from '../../deadline/index.js';
import { BrokerNotReadyError, HalfMessageForgottenError } from '../../errors/index.js';
import { BackOff } from '../back-off.js';
import { codeOf, isUnanswered, toBrokerError } from './broker-error.mapper.js';
import { Code } from './client-protocol.js';
import type { ClientSupervisor } from './client-supervisor.js';
import type { ResolutionLedger } from '../resolution.ledger.js';
import type { HalfMessageReceipt, ProducerClient } from './producer.client.js';

const OPERATION = 'ending the half message';
/** The proxy forgets a transaction after 30 s; from then on only check-back can end the half message. */
const RETRIES_MAX_MS = 25_000;
/** One try is cut off early enough for another one. */
const TRY_TIMEOUT_MS = 3_000;

/**
 * A stored half message. rocketmq-client-nodejs 1.0.8 sends COMMIT and ROLLBACK once, without a retry; here a try
 * without an answer (gRPC 4 and 14) is repeated. A refusal is not: the proxy forgets a transaction as soon as
 * it has taken an outcome, so a repeated COMMIT is refused (50001) although the first one was obeyed.
 * Test: rocketmq-half-message.spec.ts.
 */
export class RocketmqHalfMessage implements HalfMessage {
  constructor(
    private readonly topic: string,
    private readonly receipt: HalfMessageReceipt,
    private readonly supervisor: Pick<ClientSupervisor<ProducerClient>, 'current' | 'signal'>,
    private readonly ledger: ResolutionLedger,
  ) {}

  get messageId(): string {
    return this.receipt.messageId;
  }

  async end(resolution: TransactionResolution, timeoutMs: number): Promise<void> {
    this.ledger.decide(this.messageId, resolution);
    const deadline = Deadline.in(Math.min(timeoutMs, RETRIES_MAX_MS));
    const backOff = new BackOff(100, 1_000);
    for (;;) {
      const failure = await this.tryToEnd(resolution, Math.min(TRY_TIMEOUT_MS, deadline.remainingMs()));
      if (failure === undefined) return;
      const mayRepeat = isUnanswered(failure) || failure instanceof BrokerNotReadyError;
      if (mayRepeat) await backOff.pause(this.supervisor.signal, deadline.remainingMs());
      if (!mayRepeat || deadline.hasPassed() || this.supervisor.signal.aborted) {
        throw this.explain(failure, timeoutMs);
      }
    }
  }

  private async tryToEnd(resolution: TransactionResolution, timeoutMs: number): Promise<unknown> {
    try {
      const client = this.supervisor.current(OPERATION);
      await client.endHalfMessage(this.receipt, resolution, 'SOURCE_CLIENT', timeoutMs);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  private explain(failure: unknown, timeoutMs: number): Error {
    const forgotten =
      codeOf(failure) === Code.INTERNAL_SERVER_ERROR && String(failure).includes('transaction data');
    if (forgotten) return new HalfMessageForgottenError(this.topic, { cause: failure });
    return toBrokerError(failure, OPERATION, this.topic, timeoutMs);
  }
}
