import 'reflect-metadata';
import { runService } from '@txmsg/service';
import { AppModule } from './app.module.js';
import { UserSettings } from './user-settings.js';

await runService({
  settings: UserSettings,
  module: (settings) => AppModule.forRoot(settings),
  table: 'user_info',
  description:
    'Registers users. Each registration is told to other services by a message that is written in the same transaction ' +
    'as the user (local message table), and published after its COMMIT. Has accounts opened at the custody bank, and hears ' +
    'of them by webhook or by asking. With SEATA_SERVER and IDENTITY_URL, POST /user/registrations makes a user and a ' +
    'login account at identity, both or neither.',
});
