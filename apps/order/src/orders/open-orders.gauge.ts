import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { DataSource } from 'typeorm';

/**
 * How many orders stock has not decided on, and for how long the oldest has waited. Cancellations that stock has not
 * confirmed are not among them: their customers have been answered.
 */
@Injectable()
export class OpenOrdersGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-orders',
      metric: 'service.orders',
      what: 'Orders in status PENDING',
      unit: '{order}',
      table: '`order`',
      index: 'next_check_at',
      underWay: "next_check_at IS NOT NULL AND status = 'PENDING'",
      due: 'next_check_at',
      since: 'create_time',
    });
  }
}
