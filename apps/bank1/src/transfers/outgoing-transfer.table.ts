import { Injectable, type OnModuleInit } from '@nestjs/common';
import { StartupError } from '@txmsg/bank';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

const CHECK_TIMEOUT_MS = 5000;

/** Keeps a bank from starting on tables of an earlier version, where only some of its statements would fail, later. */
@Injectable()
export class OutgoingTransferTable implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws StartupError when the table lacks a column */
  async onModuleInit(): Promise<void> {
    try {
      await withConnection(this.dataSource, CHECK_TIMEOUT_MS, (manager) =>
        manager.query('SELECT traceparent FROM outgoing_transfer LIMIT 0'),
      );
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'ER_BAD_FIELD_ERROR') throw error;
      throw new StartupError(
        'its table outgoing_transfer is of an earlier version; run sql/bank1.sql again, which adds what is missing and changes nothing else.',
        { cause: error },
      );
    }
  }
}
