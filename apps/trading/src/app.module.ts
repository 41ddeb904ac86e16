import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { ProjectsModule } from './projects/projects.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { ReviewModule } from './review/review.module.js';
import type { TradingSettings } from './trading-settings.js';

@Module({})
export class AppModule {
  static forRoot(settings: TradingSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), ProjectsModule, ReviewModule, ReconciliationModule],
    };
  }
}
