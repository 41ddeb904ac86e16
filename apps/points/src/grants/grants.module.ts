import { Module } from '@nestjs/common';
import { PointsLedger } from './points.ledger.js';
import { UserRegisteredListener } from './user-registered.listener.js';

@Module({ providers: [PointsLedger, UserRegisteredListener] })
export class GrantsModule {}
