import type { HalfMessage, OutgoingMessage, TransactionResolution } from '../../broker/index.js';
import { HalfMessageForgottenError } from '../../errors/index.js';
import { codeOf, isUnanswered, toBrokerError } from './broker-error.mapper.js';
import { Code } from './client-protocol.js';
import type { ClientSupervisor } from './client-supervisor.js';
import type { ResolutionLedger } from '../resolution.ledger.js';
import { untilAnswered } from '../until-answered.js';
import type { HalfMessageReceipt, ProducerClient } from './producer.client.js';

const OPERATION = 'ending the half message';
/** The proxy forgets a transaction after 30 s; from then on only check-back can end the half message. */
const RETRIES_MAX_MS = 25_000;

/**
 * A stored half message. rocketmq-client-nodejs 1.0.8 sends COMMIT and ROLLBACK once, without a retry; here a try
 * without an answer (gRPC 4 and 14) is repeated. A refusal is not: the proxy forgets a transaction as soon as
 * it has received an outcome, so a repeated COMMIT is refused (50001) although the first one was obeyed.
 * Test: rocketmq-half-message.spec.ts.
 */
export class RocketmqHalfMessage implements HalfMessage {
  constructor(
    private readonly topic: string,
    private readonly receipt: HalfMessageReceipt,
    private readonly properties: OutgoingMessage['properties'],
    private readonly supervisor: Pick<ClientSupervisor<ProducerClient>, 'current' | 'signal'>,
    private readonly ledger: ResolutionLedger,
  ) {}

  get messageId(): string {
    return this.receipt.messageId;
  }

  async end(resolution: TransactionResolution, timeoutMs: number): Promise<void> {
    this.ledger.decide({ messageId: this.messageId, properties: this.properties }, resolution);
    const triesMs = Math.min(timeoutMs, RETRIES_MAX_MS);
    try {
      await untilAnswered((tryMs) => this.tryOnce(resolution, tryMs), {
        isUnanswered,
        timeoutMs: triesMs,
        closing: this.supervisor.signal,
      });
    } catch (failure) {
      throw this.explain(failure, timeoutMs);
    }
  }

  private async tryOnce(resolution: TransactionResolution, timeoutMs: number): Promise<void> {
    const client = this.supervisor.current(OPERATION);
    await client.endHalfMessage(this.receipt, resolution, 'SOURCE_CLIENT', timeoutMs);
  }

  private explain(failure: unknown, timeoutMs: number): Error {
    const forgotten =
      codeOf(failure) === Code.INTERNAL_SERVER_ERROR && String(failure).includes('transaction data');
    if (forgotten) return new HalfMessageForgottenError(this.topic, { cause: failure });
    return toBrokerError(failure, OPERATION, this.topic, timeoutMs);
  }
}
