import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.js';
import { ReviewTransactionListener } from './review-transaction.listener.js';
import { ReviewController } from './review.controller.js';
import { ReviewService } from './review.service.js';

@Module({
  imports: [ProjectsModule],
  controllers: [ReviewController],
  providers: [ReviewService, ReviewTransactionListener],
})
export class ReviewModule {}
