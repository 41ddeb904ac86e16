import { Module, type DynamicModule } from '@nestjs/common';
import { JobsAdminModule, ServiceModule } from '@txmsg/service';
import type { CustodySettings } from './custody-settings.js';
import { OpeningsModule } from './openings/openings.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: CustodySettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), JobsAdminModule, OpeningsModule],
    };
  }
}
