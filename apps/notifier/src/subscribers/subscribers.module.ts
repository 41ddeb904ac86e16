import { Module } from '@nestjs/common';
import { SubscribersController } from './subscribers.controller.js';

@Module({ controllers: [SubscribersController] })
export class SubscribersModule {}
