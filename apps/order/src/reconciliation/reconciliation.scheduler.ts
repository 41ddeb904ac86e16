import { Injectable } from '@nestjs/common';
import { ReconciliationSchedule } from '@txmsg/service';
import { OrderSettings } from '../order-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

@Injectable()
export class ReconciliationScheduler extends ReconciliationSchedule {
  constructor(reconciliation: ReconciliationService, settings: OrderSettings) {
    super(reconciliation, settings.reconcileIntervalMs, settings);
  }
}
