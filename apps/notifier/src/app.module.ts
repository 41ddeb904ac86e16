import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule, shutdownPhases } from '@txmsg/service';
import { WebhooksModule } from '@txmsg/webhooks';
import { NotificationsModule } from './notifications/notifications.module.js';
import type { NotifierSettings } from './notifier-settings.js';
import { ResultsModule } from './results/results.module.js';
import { SubscribersModule } from './subscribers/subscribers.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: NotifierSettings): DynamicModule {
    const shutdownTimeoutMs = shutdownPhases(settings).workEndsMs;
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        WebhooksModule.forRoot({ ...settings.webhooks, shutdownTimeoutMs }),
        ResultsModule,
        SubscribersModule,
        NotificationsModule,
      ],
    };
  }
}
