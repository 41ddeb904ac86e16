import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { Bank2Books } from './bank2-books.js';
import { BanksAudit } from './banks.audit.js';
import { OwnBooks } from './own-books.js';

@Module({ controllers: [AuditController], providers: [BanksAudit, OwnBooks, Bank2Books] })
export class AuditModule {}
