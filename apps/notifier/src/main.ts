import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { developmentKeyWarnings, NotifierSettings } from './notifier-settings.js';

await runService({
  settings: NotifierSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'webhook_delivery',
  warnings: developmentKeyWarnings,
  description:
    'Tells subscribers over HTTP what became of payments and of requests for accounts: signed after Standard Webhooks, ' +
    'repeated on a ladder until one acknowledges, then given up. Dismissing its dead letter means that nobody is told.',
});
