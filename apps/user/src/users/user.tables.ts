import { Injectable, type OnModuleInit } from '@nestjs/common';
import { StartupError } from '@txmsg/service';
import { isMissingTable, withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

const CHECK_TIMEOUT_MS = 5000;

/** Keeps the service from starting on a database of an earlier version, where every read of a user would fail (user.rows.ts). */
@Injectable()
export class UserTables implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws StartupError when a table is missing that is read also where no login accounts are made */
  async onModuleInit(): Promise<void> {
    try {
      await withConnection(this.dataSource, CHECK_TIMEOUT_MS, async (manager) => {
        await manager.query('SELECT user_id, xid, state FROM registration LIMIT 0');
        await manager.query('SELECT xid, log_status FROM undo_log LIMIT 0');
      });
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      throw new StartupError(
        'its table registration or undo_log is missing; run sql/user.sql and libs/seata/sql/seata.sql again, which add what is missing and change nothing else.',
        { cause: error },
      );
    }
  }
}
