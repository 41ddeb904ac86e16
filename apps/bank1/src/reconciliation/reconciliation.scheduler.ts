import { Injectable } from '@nestjs/common';
import { ReconciliationSchedule } from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

@Injectable()
export class ReconciliationScheduler extends ReconciliationSchedule {
  constructor(reconciliation: ReconciliationService, settings: Bank1Settings) {
    super(reconciliation, settings.reconcileIntervalMs, settings);
  }
}
