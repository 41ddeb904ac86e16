import { Injectable } from '@nestjs/common';
import { POINTS_CONSUMER_GROUP, USER_REGISTERED_TOPIC, UserRegisteredMessage } from '@txmsg/contracts';
import { MessageListener, TxNoConflictError, type DeadLetterReason, type MessageHandler } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { PointsSettings } from '../points-settings.js';
import { PointsLedger } from './points.ledger.js';

/**
 * Adds the points of each registration once. Whether there is such a user only the sender knows: who may send is decided
 * by the broker's access control.
 */
@Injectable()
@MessageListener({
  topic: USER_REGISTERED_TOPIC,
  consumerGroup: POINTS_CONSUMER_GROUP,
  payload: UserRegisteredMessage,
})
export class UserRegisteredListener implements MessageHandler<UserRegisteredMessage> {
  constructor(
    private readonly settings: PointsSettings,
    private readonly ledger: PointsLedger,
  ) {}

  /**
   * How many points there were for it is no part of the contents: a message that comes again after the setting has changed
   * is the same one.
   * @throws TxNoConflictError when the points of this txNo went to another user
   */
  async onMessage({ txNo, userId }: UserRegisteredMessage, manager: EntityManager): Promise<void> {
    const points = this.settings.pointsForRegistration;
    if (await this.ledger.grant({ txNo, userId, points }, manager)) return;
    const grantee = await this.ledger.granteeOf(txNo, manager);
    if (grantee !== userId) throw new TxNoConflictError(txNo, POINTS_CONSUMER_GROUP);
  }

  /** A registration whose own grant is there was consumed before its barrier row was deleted: nobody needs to see it. */
  async onDeadLetter(
    { txNo, userId }: UserRegisteredMessage,
    _reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    return (await this.ledger.granteeOf(txNo, manager)) === userId ? 'DROP' : 'STORE';
  }
}
