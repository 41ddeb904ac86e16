import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { TradingSettings } from './trading-settings.js';

await runService({
  settings: TradingSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'project',
  description: 'Projects and bids. Approving a project whose bids are full lets repayment make its plan.',
});
