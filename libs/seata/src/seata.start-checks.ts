import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { TransactionTemplate, TxMsgConfigurationError } from 'txmsg';
import { checkDatabase } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';
import { SEATA_SETTINGS, type SeataSettings } from './seata.options.js';

/** What must be right in the database before a branch may change anything there. */
@Injectable()
export class SeataStartChecks {
  private readonly logger = new Logger(SeataStartChecks.name);

  constructor(
    private readonly dataSource: DataSource,
    @Inject(SEATA_SETTINGS) private readonly settings: SeataSettings,
    /** There beside `TxMsgModule`, which checks the same at its start. */
    @Optional() private readonly messages?: TransactionTemplate,
  ) {}

  /** @throws TxMsgConfigurationError with everything that is wrong, DatabaseUnavailableError when the database is away */
  async run(): Promise<void> {
    if (this.messages !== undefined) return;
    const { problems, warnings } = await checkDatabase(this.dataSource, this.settings.acceptUnsafeFlush);
    for (const warning of warnings) this.logger.warn(warning);
    if (problems.length > 0) throw new TxMsgConfigurationError(problems);
  }
}
