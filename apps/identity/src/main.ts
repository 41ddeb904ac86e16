import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { IdentitySettings } from './identity-settings.js';

await runService({
  settings: IdentitySettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'account',
  description:
    'The login accounts. Each is made together with its user, in the global transaction that the user centre brings in the ' +
    'header TX_XID: both are there, or neither is.',
});
