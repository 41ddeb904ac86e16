import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { OrderSettings } from './order-settings.js';

await runService({
  settings: OrderSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: '`order`',
  description:
    'Takes orders, and ends each as stock decides. Dismissing a dead letter ends nothing: the order ends as stock ' +
    'says when reconciliation asks.',
});
