import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Contents } from '../barrier/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import { FaultInjector } from '../faults/index.js';
import { encodePayload, requireMoment, requireTxNo } from '../limits/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { carrierOf } from '../telemetry/index.js';
import { LocalMessageStore, type PublishedPosition } from './local-message.store.js';
import { OutboxRelay } from './outbox.relay.js';

const REOPEN_BATCH_SIZE = 500;

/** A message that goes out if the caller's transaction commits. */
export interface LocalMessage {
  /** 1 to 64 characters of A-Z a-z 0-9 . _ : - other than "." and ".."; the consumer's barrier makes the effect happen once for each. */
  readonly txNo: string;
  /** A JSON object; sent as it is, with the txNo as the message's key. */
  readonly payload: object;
}

/**
 * The local message table ("outbox"): a message that is published if and only if the caller's transaction
 * commits.
 *
 * Guaranteed: the message is published at least once, however long the broker is away and no matter which process crashes.
 * The consumer's barrier makes its effect happen once.
 * Not guaranteed: the order of messages, and when they are published. Published rows are kept for a while, so that `republishSince` can answer a
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
    @Inject(TXMSG_SETTINGS)
    private readonly settings: Pick<TxMsgSettings, 'messageLimits' | 'names' | 'outbox'>,
  ) {}

  /**
   * Joins the transaction of `entityManager`; the message is published after its COMMIT, and never if it is rolled back:
   * at once when the library began the transaction (that of a handler or listener), else at the relay's next look, within
   * about a second. The trace of the caller goes on in the message (docs/OBSERVABILITY.md).
   *
   * @param topic - of type NORMAL, and one of the module's `outbox.topics`, as it stands there: the row gets the name
   *   that the option `names.topics` gives it in this deployment
   * @param payload - a JSON object; sent as it is, with the txNo as the message's key. It must hold the txNo itself where
   *   its consumers look for it (by default its property `txNo`): without it, it is a dead letter there
   * @throws InvalidArgumentError - also when `entityManager` is in no transaction: the message would be
   *   published even if the caller's work is rolled back; ContentsNotJsonError and MessageTooLargeError, which are such,
   *   when JSON cannot hold the payload, or it is larger than consumers read (option `messageLimits`)
   */
  async publish(
    entityManager: EntityManager,
    topic: string,
    payload: object,
    { txNo }: { readonly txNo: string },
  ): Promise<void> {
    await this.publishAll(entityManager, topic, [{ txNo, payload }]);
  }

  /**
   * As `publish`, for any number of messages of one topic, 32 in each statement. When it throws, some of them may be stored:
   * let the transaction be rolled back.
   */
  async publishAll(
    entityManager: EntityManager,
    topic: string,
    messages: readonly LocalMessage[],
  ): Promise<void> {
    if (entityManager.queryRunner?.isTransactionActive !== true) {
      throw new InvalidArgumentError(
        'entityManager',
        undefined,
        'it must be the one of a running transaction',
      );
    }
    const { names, outbox, messageLimits } = this.settings;
    if (!outbox.topics.includes(topic)) {
      const known = outbox.topics.join(', ') || 'none';
      throw new InvalidArgumentError('topic', topic, `it must be one of the option outbox.topics (${known})`);
    }
    if (messages.length === 0) return;
    const rows = messages.map(({ txNo, payload }) => {
      requireTxNo(txNo);
      return { txNo, body: encodePayload(Contents.of(payload), messageLimits) };
    });
    const actualTopic = names.actual('topics', topic);
    let handedOver: string[] = [];
    const isEndTold = this.transactions.onEnd(entityManager, () => {
      if (handedOver.length > 0) this.relay.handOver(handedOver);
      else this.relay.wake();
    });
    const to = isEndTold && this.relay.takes(actualTopic) ? 'HANDED_OVER' : 'DUE';
    const carrier = carrierOf();
    const properties = carrier === undefined ? null : JSON.stringify(carrier);
    const ids = await this.store.insertAll(entityManager, actualTopic, rows, to, properties);
    if (to === 'HANDED_OVER') handedOver = ids;
    for (const { txNo } of rows) await this.faults.at('outbox.stored', { txNo });
  }

  /**
   * Publishes again the messages that were first published since `since`, for a broker that lost its store. Consumers find
   * that those which they have consumed are duplicates. Messages older than the option `outboxRetentionMs` are left out;
   * messages that a relay is publishing right now are published once more, too. Runs in transactions of its own.
   * @returns how many messages that had been published
   * @throws InvalidArgumentError when `since` is no valid Date, or not in the years 0 to 9999; database errors
   */
  async republishSince(since: Date): Promise<number> {
    requireMoment('since', since);
    // First: relays can mark no row of their current claims after this, and rows that are marked already are found below.
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
