import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { isMissingTable } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

/** How many top-ups were promised and have not ended, and for how long the oldest has not. */
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
      isAbsent: isMissingTable,
    });
  }
}
