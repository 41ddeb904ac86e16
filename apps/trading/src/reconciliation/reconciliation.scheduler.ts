import { Injectable } from '@nestjs/common';
import { ReconciliationSchedule } from '@txmsg/service';
import { TradingSettings } from '../trading-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

@Injectable()
export class ReconciliationScheduler extends ReconciliationSchedule {
  constructor(reconciliation: ReconciliationService, settings: TradingSettings) {
    super(reconciliation, settings.reconcileIntervalMs, settings);
  }
}
