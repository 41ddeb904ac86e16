import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditMetrics } from './audit.metrics.js';
import { AuditScheduler } from './audit.scheduler.js';
import { BanksAudit } from './banks.audit.js';

@Module({ controllers: [AuditController], providers: [AuditMetrics, AuditScheduler, BanksAudit] })
export class AuditModule {}
