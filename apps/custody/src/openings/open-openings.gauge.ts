import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';

/** How many requests are not decided, and for how long the oldest is not. */
@Injectable()
export class OpenOpeningsGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-openings',
      metric: 'service.openings',
      what: 'Requests in status PROCESSING',
      unit: '{request}',
      table: 'custody_request',
      index: 'status_create_time',
      underWay: "status = 'PROCESSING'",
      due: 'create_time',
      since: 'create_time',
    });
  }
}
