import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { OutboxController } from './outbox.controller.js';

/** The admin routes of services that send or receive messages. */
@Module({ controllers: [DeadLettersController, OutboxController] })
export class MessagingAdminModule {}
