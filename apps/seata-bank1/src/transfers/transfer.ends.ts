import { Injectable } from '@nestjs/common';
import { BoundedRead } from '@txmsg/service';
import { OpenRowEnds } from '@txmsg/service/seata';
import { DatabaseTransactions } from 'txmsg';
import { SeataBank1Settings } from '../seata-bank1-settings.js';
import { transferRows } from './transfer.rows.js';

/** Ends transfers whose bank stopped before anything took effect. */
@Injectable()
export class TransferEnds extends OpenRowEnds {
  constructor(transactions: DatabaseTransactions, read: BoundedRead, settings: SeataBank1Settings) {
    const { transferEndIntervalMs: intervalMs } = settings;
    super({ transactions, read, rows: transferRows, intervalMs, what: 'transfer' }, settings);
  }
}
