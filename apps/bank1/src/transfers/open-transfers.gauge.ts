import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';

/** How many transfers have not ended, and for how long the oldest has not. */
@Injectable()
export class OpenTransfersGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-transfers',
      metric: 'bank.transfers',
      what: 'Transfers in state DEBITED',
      unit: '{transfer}',
      table: 'outgoing_transfer',
      index: 'state_next_check_at',
      underWay: "state = 'DEBITED'",
      due: 'next_check_at',
      since: 'create_time',
    });
  }
}
