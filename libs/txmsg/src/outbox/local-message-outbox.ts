import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Contents } from '../barrier/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import { FaultInjector } from '../faults/index.js';
import { encodePayload } from '../limits/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../txmsg.options.js';
import { LocalMessageStore, type PublishedPosition } from './local-message.store.js';
import { OutboxRelay } from './outbox.relay.js';

const TX_NO_RULE = /^[A-Za-z0-9._:-]{1,64}$/;
const REOPEN_BATCH_SIZE = 500;

/**
 * The local message table ("outbox"): a message that is published if and only if the caller's transaction
 * commits.
 *
 * Guaranteed: at least once, however long the broker is away and whichever process dies. The consumer's barrier
 * makes the effect happen once.
 * Not guaranteed: order, and when. Published rows are kept for a while, so that `republishSince` can answer a
 * broker that lost its store.
 */
@Injectable()
export class LocalMessageOutbox {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly store: LocalMessageStore,
    private readonly relay: OutboxRelay,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
    @Inject(TXMSG_SETTINGS) private readonly settings: Pick<TxMsgSettings, 'messageLimits'>,
  ) {}

  /**
   * Joins the transaction of `entityManager`; the message goes out after its COMMIT.
   *
   * @param topic - of type NORMAL, and one of the module's `outbox.topics`
   * @param payload - a JSON object; sent as it is, with the txNo as the message's key
   * @throws InvalidArgumentError - also when `entityManager` is in no transaction: the message would be
   *   published whatever becomes of the caller's work; ContentsNotJsonError and MessageTooLargeError, which are such,
   *   when JSON cannot hold the payload, or it is larger than consumers read (option `messageLimits`)
   */
  async publish(
    entityManager: EntityManager,
    topic: string,
    payload: object,
    { txNo }: { readonly txNo: string },
  ): Promise<void> {
    if (entityManager.queryRunner?.isTransactionActive !== true) {
      throw new InvalidArgumentError(
        'entityManager',
        undefined,
        'it must be the one of a running transaction',
      );
    }
    if (!TX_NO_RULE.test(txNo)) {
      throw new InvalidArgumentError('txNo', txNo, `it must match ${TX_NO_RULE.source}`);
    }
    if (!this.relay.topics.includes(topic)) {
      const known = this.relay.topics.join(', ') || 'none';
      throw new InvalidArgumentError('topic', topic, `it must be one of the option outbox.topics (${known})`);
    }
    const body = encodePayload(Contents.of(payload), this.settings.messageLimits);
    await this.store.insert(entityManager, topic, txNo, body);
    await this.faults.at('outbox.stored', { txNo });
    this.transactions.onEnd(entityManager, () => {
      this.relay.wake();
    });
  }

  /**
   * Publishes again what was first published since `since`, for a broker that lost its store. Consumers drop what
   * they have had. What is older than the option `outboxRetentionMs` is left out.
   * What a relay is publishing right now is published once more, too.
   * @returns how many messages that had been published
   */
  async republishSince(since: Date): Promise<number> {
    // First: what a relay has marked by now is found below, and what it would mark later it can no longer.
    await this.store.revokeLeases();
    let total = 0;
    let position: PublishedPosition = { at: since, id: '0' };
    // Each message once, although relays publish the first ones while the last ones are still being found.
    for (;;) {
      const { count, last } = await this.store.reopen(position, REOPEN_BATCH_SIZE);
      total += count;
      position = last;
      if (count < REOPEN_BATCH_SIZE) break;
    }
    this.relay.wake();
    return total;
  }
}
