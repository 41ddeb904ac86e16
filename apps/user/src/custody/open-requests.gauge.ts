import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';

/** How many requests for custody accounts have not ended, and for how long the oldest has not. */
@Injectable()
export class OpenRequestsGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-custody-requests',
      metric: 'service.custody_requests',
      what: 'Requests for custody accounts in state NEW or REQUESTED',
      unit: '{request}',
      table: 'custody_request',
      index: 'next_check_at',
      underWay: 'next_check_at IS NOT NULL',
      due: 'next_check_at',
      since: 'create_time',
    });
  }
}
