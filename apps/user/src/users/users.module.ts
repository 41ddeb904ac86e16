import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustodyModule } from '../custody/custody.module.js';
import { UserEntity } from './user.entity.js';
import { UserTables } from './user.tables.js';
import { UsersController } from './users.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity]), CustodyModule],
  controllers: [UsersController],
  providers: [UserTables],
})
export class UsersModule {}
