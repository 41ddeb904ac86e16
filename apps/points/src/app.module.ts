import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { AccountsModule } from './accounts/accounts.module.js';
import { GrantsModule } from './grants/grants.module.js';
import type { PointsSettings } from './points-settings.js';

@Module({})
export class AppModule {
  static forRoot(settings: PointsSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), AccountsModule, GrantsModule],
    };
  }
}
