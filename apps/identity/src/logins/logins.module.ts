import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { LoginsController } from './logins.controller.js';

@Module({ imports: [PasswordsModule], controllers: [LoginsController] })
export class LoginsModule {}
