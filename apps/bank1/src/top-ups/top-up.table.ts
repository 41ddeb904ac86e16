import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { StartupError } from '@txmsg/service';
import { isMissingTable, withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';
import { Bank1Settings } from '../bank1-settings.js';

const CHECK_TIMEOUT_MS = 5000;
const REMEDY = 'its table top_up is missing; run sql/bank1.sql again, which adds it and changes nothing else';

/**
 * A database of an earlier version has no table for top-ups. A bank that was not told where pay is starts on it all the same:
 * the messages of pay, should any come, wait until the table is there. One that was told means to receive top-ups.
 */
@Injectable()
export class TopUpTable implements OnModuleInit {
  private readonly logger = new Logger(TopUpTable.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Bank1Settings,
  ) {}

  /** @throws StartupError when the table is missing and PAY_URL is set */
  async onModuleInit(): Promise<void> {
    try {
      await withConnection(this.dataSource, CHECK_TIMEOUT_MS, (manager) =>
        manager.query('SELECT tx_no FROM top_up LIMIT 0'),
      );
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      if (this.settings.payUrl !== undefined) throw new StartupError(`${REMEDY}.`, { cause: error });
      this.logger.warn(`Top-ups cannot be received: ${REMEDY}.`);
    }
  }
}
