import { Module } from '@nestjs/common';
import { RegistrationController } from './registration.controller.js';
import { RegistrationService } from './registration.service.js';
import { UserStore } from './user.store.js';

@Module({
  controllers: [RegistrationController],
  providers: [RegistrationService, UserStore],
})
export class RegistrationModule {}
