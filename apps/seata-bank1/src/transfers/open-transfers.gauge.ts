import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';

/** How many transfers have not ended at this bank, and for how long the oldest has not; under AT its undo log tells. */
@Injectable()
export class OpenTransfersGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-global-transfers',
      metric: 'bank.global_transfers',
      what: 'Transfers in state OPEN',
      unit: '{transfer}',
      table: 'transfer',
      index: 'state_begin_time',
      underWay: "state = 'OPEN'",
      due: 'begin_time',
      since: 'begin_time',
    });
  }
}
