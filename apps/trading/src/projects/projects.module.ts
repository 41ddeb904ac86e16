import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BidEntity } from './bid.entity.js';
import { ProjectEntity } from './project.entity.js';
import { ProjectLedger } from './project.ledger.js';
import { ProjectReader } from './project.reader.js';
import { ProjectsController } from './projects.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([ProjectEntity, BidEntity])],
  controllers: [ProjectsController],
  providers: [ProjectLedger, ProjectReader],
  exports: [ProjectReader],
})
export class ProjectsModule {}
