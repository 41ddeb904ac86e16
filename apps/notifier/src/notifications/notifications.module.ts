import { Module } from '@nestjs/common';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsGauge } from './notifications.gauge.js';

@Module({ controllers: [NotificationsController], providers: [NotificationsGauge] })
export class NotificationsModule {}
