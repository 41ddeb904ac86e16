import { Injectable } from '@nestjs/common';
import type { CustodyRequestContents } from '@txmsg/contracts';
import { DatabaseTransactions, DueRows, ladder } from 'txmsg';
import { UserSettings } from '../user-settings.js';

interface Row {
  readonly request_no: string;
  readonly user_id: string;
  readonly name: string;
  readonly checks: number | string;
}

/** A request about which custody is asked; its number is what logs and faults call the txNo. */
export interface DueRequest extends CustodyRequestContents {
  readonly txNo: string;
}

/** The requests that have not ended and were not heard of for a rung of the ladder. Each is claimed by one instance at a time. */
@Injectable()
export class DueRequests {
  private readonly rows: DueRows<Row>;

  constructor(transactions: DatabaseTransactions, { custodyAskLadderMs }: UserSettings) {
    const pauseAfter = ladder(custodyAskLadderMs);
    this.rows = new DueRows<Row>(transactions, {
      name: 'custody_request',
      columns: ['request_no', 'user_id', 'name', 'checks'],
      key: 'request_no',
      underWay: 'next_check_at IS NOT NULL',
      due: 'next_check_at',
      index: 'next_check_at',
      // The first pause came before this question. The last one repeats: whoever has asked for something must not forget it.
      pause: ({ checks }) => ({ ms: pauseAfter(Number(checks) + 1).ms }),
    });
  }

  /** Claims up to 50 of them; each is due again after a pause. */
  async claim(): Promise<DueRequest[]> {
    return (await this.rows.claim()).map(({ row }) => toDueRequest(row));
  }

  /** Claims this one, whether it is due or not. `ENDED` when there is nothing to learn about it any more. */
  async claimOne(requestNo: string): Promise<DueRequest | 'ENDED' | 'NOT_FOUND'> {
    const claimed = await this.rows.claimOne(requestNo);
    return typeof claimed === 'string' ? claimed : toDueRequest(claimed.row);
  }
}

function toDueRequest({ request_no: requestNo, user_id: userId, name }: Row): DueRequest {
  return { txNo: requestNo, requestNo, userId, name };
}
