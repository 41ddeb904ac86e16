import { Injectable, Logger } from '@nestjs/common';
import type { OrderContents } from '@txmsg/contracts';
import { ignore, type Ignored } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { OrderLedger, type StockDecision } from './order.ledger.js';

/** What both listeners do with the messages of stock. */
@Injectable()
export class StockDecisions {
  private readonly logger = new Logger(StockDecisions.name);

  constructor(
    private readonly ledger: OrderLedger,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * A message that is about no order of ours is ignored, which takes its barrier row back: the row would make the genuine
   * one under the same txNo a duplicate or a conflict.
   */
  async applyAll(
    decisions: readonly StockDecision[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    const effects = await this.ledger.applyAll(decisions, manager);
    await this.faults.at('service:order.ended', { txNos: decisions.map(({ order }) => order.txNo) });
    return decisions.map(({ order: { txNo }, status, reason }, index) => {
      const effect = effects[index] ?? 'UNKNOWN_TX_NO';
      switch (effect) {
        case 'APPLIED':
        case 'UNCHANGED':
          this.logger.debug(`Stock's decision arrived: ${effect}.`, { txNo, status, reason });
          return undefined;
        case 'CONTRADICTED':
          this.logger.warn('Two messages contradict each other; stock is asked.', { txNo, status, reason });
          return undefined;
        case 'UNKNOWN_TX_NO':
        case 'OTHER_CONTENTS':
          return ignore(effect);
      }
    });
  }

  /** A second message under one txNo that says something else. About our own order: stock is asked, and an operator sees it. */
  async onDeadLetter(order: OrderContents, manager: EntityManager): Promise<'STORE' | 'DROP'> {
    if (!(await this.ledger.concerns(order, manager))) return 'DROP';
    await this.ledger.makeDue(order.txNo, manager);
    return 'STORE';
  }

  /** Only stock knows what it decided, so a dismissed message ends nothing: it is asked in the next round. */
  async onDismiss(order: OrderContents, manager: EntityManager): Promise<Ignored> {
    if (await this.ledger.concerns(order, manager)) await this.ledger.makeDue(order.txNo, manager);
    return ignore('stock is asked instead');
  }
}
