import { Injectable } from '@nestjs/common';
import { ReconciliationSchedule } from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import { TopUpReconciliationService } from './top-up-reconciliation.service.js';

/** Without PAY_URL there is nobody to ask, and there are no rounds. */
@Injectable()
export class TopUpReconciliationScheduler extends ReconciliationSchedule {
  constructor(reconciliation: TopUpReconciliationService, settings: Bank1Settings) {
    super(reconciliation, settings.payUrl === undefined ? 0 : settings.reconcileIntervalMs, settings);
  }
}
