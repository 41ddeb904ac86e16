import { Module } from '@nestjs/common';
import { FaultsController } from './faults.controller.js';

/** The admin routes that every service has; a service adds its own with `@AdminController`. */
@Module({ controllers: [FaultsController] })
export class AdminModule {}
