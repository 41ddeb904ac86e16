import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { FaultsController } from './faults.controller.js';
import { OutboxController } from './outbox.controller.js';

/** The admin routes that every service has; a service adds its own with `@AdminController`. */
@Module({ controllers: [DeadLettersController, FaultsController, OutboxController] })
export class AdminModule {}
