import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';
import { isTableMissing } from './top-up.table.js';

/** How many top-ups were promised and nobody has told of, and for how long the oldest was not. */
@Injectable()
export class ExpectedTopUpsGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'expected-top-ups',
      metric: 'bank.top_ups',
      what: 'Top-ups in state EXPECTED',
      unit: '{top_up}',
      table: 'top_up',
      index: 'state_next_check_at',
      underWay: "state = 'EXPECTED'",
      due: 'next_check_at',
      since: 'create_time',
      // A database of an earlier version knows no top-ups.
      isAbsent: isTableMissing,
    });
  }
}
