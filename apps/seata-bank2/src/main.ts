import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { SeataBank2Settings } from './seata-bank2-settings.js';

await runService({
  settings: SeataBank2Settings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'account_info',
  description:
    'The receiving bank of two-phase commits: takes part in the global transactions that callers bring in the header TX_XID.',
});
