import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { observeOpenWork } from '../telemetry/open-work.js';
import { Readings } from '../telemetry/readings.js';

/** How many branches of this database phase two has not ended, and for how long the oldest has not, under AT and under TCC. */
@Injectable()
export class OpenBranchesGauge {
  constructor(dataSource: DataSource, readings: Readings) {
    observeOpenWork(readings, dataSource, {
      reading: 'undo-logs',
      metric: 'seata.undo_logs',
      what: 'Undo logs, each of a branch under AT that may still be undone',
      unit: '{branch}',
      table: 'undo_log',
      index: 'ix_log_created',
      underWay: 'log_status = 0',
      due: 'log_created',
      since: 'log_created',
    });
    observeOpenWork(readings, dataSource, {
      reading: 'tried-fences',
      metric: 'seata.fences',
      what: 'Fence rows in status 1, each of a branch under TCC that is neither confirmed nor cancelled',
      unit: '{branch}',
      table: 'tcc_fence_log',
      index: 'idx_status',
      underWay: 'status = 1',
      due: 'gmt_create',
      since: 'gmt_create',
    });
  }
}
