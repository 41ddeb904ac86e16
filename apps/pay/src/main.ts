import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { PaySettings } from './pay-settings.js';

await runService({
  settings: PaySettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'account_pay',
  description:
    'Takes payments for top-ups. What became of each is told by a message that is written in the same transaction as the ' +
    'payment, and whoever has not heard of it may ask: GET /pay/payresult/:txNo.',
});
