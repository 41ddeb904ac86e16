import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsController } from './accounts.controller.js';
import { PointsAccountEntity } from './points-account.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([PointsAccountEntity])],
  controllers: [AccountsController],
})
export class AccountsModule {}
