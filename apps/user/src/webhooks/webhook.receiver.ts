import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ProblemCode, type CustodyResultMessage } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';
import { CommitOutcomeUnknownError, DatabaseTransactions, Deadline, type TransactionContext } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { CustodyRequestLedger, type ResultEffect } from '../custody/custody-request.ledger.js';
import type { CustodyWebhookFaultPoint } from './webhook.fault-points.js';

/** A webhook that is proven. */
export interface ReceivedWebhook {
  readonly id: string;
  /** As it came. */
  readonly body: Buffer;
  readonly result: CustodyResultMessage;
}

/** `DUPLICATE`: it was received before. `OTHER_BODY`: another one was, under its id. */
type WebhookEffect = ResultEffect | 'DUPLICATE' | 'OTHER_BODY';

const TIMEOUT_MS = 5000;

/** Applies a result of custody once: the webhook's id, then the request's row, in one transaction. */
@Injectable()
export class WebhookReceiver {
  private readonly logger = new Logger(WebhookReceiver.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: CustodyRequestLedger,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * Returns when nothing is left to be done about it.
   * @throws ProblemException for another body under the same id, and when nothing was done; CommitOutcomeUnknownError
   */
  async receive(webhook: ReceivedWebhook): Promise<void> {
    const { id, result } = webhook;
    const txNo = result.requestNo;
    await this.at('verified', { txNo });
    const effect = await this.apply(webhook);
    await this.at('committed', { txNo });
    if (effect === 'OTHER_BODY') {
      const detail = `A webhook with the id "${id}" was received before, with another body. Nothing was done.`;
      throw new ProblemException(ProblemCode.WEBHOOK_ID_CONFLICT, detail, { txNo });
    }
    if (effect === 'CONTRADICTED') {
      this.logger.error(
        'A webhook of custody contradicts what it said about the request before, which stands.',
        {
          txNo,
        },
      );
    } else this.logger.log(`A webhook of custody: ${effect}.`, { txNo });
  }

  private async apply(webhook: ReceivedWebhook): Promise<WebhookEffect> {
    const txNo = webhook.result.requestNo;
    try {
      return await this.transactions.run<WebhookEffect>(
        async (context) => {
          const value = await this.write(webhook, context);
          const isOver = value === 'DUPLICATE' || value === 'OTHER_BODY' || value === 'NOT_OURS';
          // What is about nothing of ours leaves nothing behind, and cannot take the id of what is.
          return { decision: isOver ? 'ROLLBACK' : 'COMMIT', value };
        },
        {
          deadline: Deadline.in(TIMEOUT_MS),
          txNos: [txNo],
          beforeCommit: ({ dropConnection }) => this.at('before-commit', { txNo, dropConnection }),
        },
      );
    } catch (error) {
      // Whether it was applied is not known: no 2xx, and the sender's next call finds out.
      if (error instanceof CommitOutcomeUnknownError) throw error;
      throw nothingDone(txNo, error);
    }
  }

  private async write(
    { id, body, result }: ReceivedWebhook,
    { entityManager, dropConnection }: TransactionContext,
  ): Promise<WebhookEffect> {
    const context: FaultContext = { txNo: result.requestNo, dropConnection };
    const hash = createHash('sha256').update(body).digest();
    if (!(await insertUnlessThere(id, hash, entityManager))) {
      return (await hasHash(id, hash, entityManager)) ? 'DUPLICATE' : 'OTHER_BODY';
    }
    await this.at('inserted', context);
    const effect = await this.ledger.conclude(result, entityManager);
    await this.at('applied', context);
    return effect;
  }

  private at(
    step: CustodyWebhookFaultPoint extends `service:custody-webhook.${infer Step}` ? Step : never,
    context: FaultContext,
  ): Promise<void> {
    return this.faults.at(`service:custody-webhook.${step}`, context);
  }
}

async function insertUnlessThere(id: string, hash: Buffer, manager: EntityManager): Promise<boolean> {
  try {
    await manager.query('INSERT INTO custody_webhook (webhook_id, body_hash) VALUES (?, ?)', [id, hash]);
    return true;
  } catch (error) {
    if (isDuplicateEntry(error)) return false;
    throw error;
  }
}

/** @throws Error when the row was deleted after its retention, between two statements */
async function hasHash(id: string, hash: Buffer, manager: EntityManager): Promise<boolean> {
  const sql = 'SELECT body_hash AS hash FROM custody_webhook WHERE webhook_id = ?';
  const [row] = await manager.query<{ hash: Buffer }[]>(sql, [id]);
  if (row === undefined) throw new Error(`The row of webhook "${id}" is gone.`);
  return hash.equals(row.hash);
}

function nothingDone(txNo: string, cause: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'This webhook changed nothing and will change nothing. Send it again after the time in Retry-After.',
    { txNo, cause, headers: { 'retry-after': '2' } },
  );
}
