import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { SeataBank1Settings } from './seata-bank1-settings.js';

await runService({
  settings: SeataBank1Settings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'account_info',
  description:
    'The paying bank of two-phase commits. A transfer is made at both banks or at neither while the caller waits, under ' +
    "Seata's AT or TCC: POST /bank1/at/transfers, POST /bank1/tcc/transfers.",
});
