import { Injectable } from '@nestjs/common';
import { ReconciliationSchedule } from '@txmsg/service';
import { UserSettings } from '../user-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

@Injectable()
export class ReconciliationScheduler extends ReconciliationSchedule {
  constructor(reconciliation: ReconciliationService, settings: UserSettings) {
    super(reconciliation, settings.custodyUrl === undefined ? 0 : settings.reconcileIntervalMs, settings);
  }
}
